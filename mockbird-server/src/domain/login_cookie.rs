//! What the cookies of a login are called.

/// The cookie of an access token, and that of a refresh token, of a browser that comes over HTTPS: with `__Host-` it takes
/// them from this very host alone (RFC 6265bis section 4.1.3.2).
pub const HOST_COOKIES: [&str; 2] = ["__Host-mockbird-access", "__Host-mockbird-refresh"];

/// The same of a browser that comes over plain HTTP.
pub const PLAIN_COOKIES: [&str; 2] = ["mockbird-access", "mockbird-refresh"];

/// Whether a cookie is part of a login.
///
/// ```
/// use mockbird_server::domain::is_login_cookie;
/// assert!(is_login_cookie(b"__Host-mockbird-access"));
/// assert!(!is_login_cookie(b"sid"));
/// ```
pub fn is_login_cookie(name: &[u8]) -> bool {
    let mut ours = HOST_COOKIES.iter().chain(&PLAIN_COOKIES);
    ours.any(|ours| ours.as_bytes() == name)
}
