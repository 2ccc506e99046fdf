//! Which names are those of secrets, and how requests are shown without them (design section 4.5).

use std::borrow::Cow;

use crate::form;

/// What stands for a secret.
pub(crate) const MASK: &str = "***";

/// A name that holds one of these, in whatever case and with whatever separators, is a secret's.
const PARTS: [&str; 19] = [
    "key",
    "token",
    "secret",
    "password",
    "passwd",
    "passwort",
    "passphrase",
    "passcode",
    "pwd",
    "credential",
    "authoriz",
    "authoris",
    "authent",
    "cookie",
    "bearer",
    "jwt",
    "csrf",
    "session",
    "signature",
];

/// These are too short to be looked for inside of others: `author` and `passenger` are harmless.
const WORDS: [&str; 10] = [
    "auth", "pass", "pin", "otp", "sid", "sig", "pw", "cvv", "cvc", "xsrf",
];

/// True if the value of a field of this name is not for everybody's eyes.
pub(crate) fn is_secret(name: &str) -> bool {
    let mut letters = String::with_capacity(name.len());
    let mut word = 0;
    let mut after_lower = false;
    for c in name.chars() {
        let begins = !c.is_alphanumeric() || (c.is_uppercase() && after_lower);
        if begins {
            if WORDS.contains(&&letters[word..]) {
                return true;
            }
            word = letters.len();
        }
        after_lower = c.is_lowercase() || c.is_numeric();
        if c.is_alphanumeric() {
            letters.extend(c.to_lowercase());
        }
    }
    WORDS.contains(&&letters[word..]) || PARTS.iter().any(|part| letters.contains(part))
}

/// A request's target as a report or a log may show it: the values of query parameters with secret
/// names (`token`, `api_key`, ...) are masked.
///
/// Which parts of the path are secrets only an engine knows: see
/// [`Engine::masked_target`](crate::Engine::masked_target).
///
/// ```
/// assert_eq!(mockbird_core::masked_target("/a?token=t&page=2"), "/a?token=***&page=2");
/// ```
pub fn masked_target(target: &str) -> Cow<'_, str> {
    let Some((path, query)) = target.split_once('?') else {
        return Cow::Borrowed(target);
    };
    match masked_pairs(query) {
        Cow::Borrowed(_) => Cow::Borrowed(target),
        Cow::Owned(query) => Cow::Owned(format!("{path}?{query}")),
    }
}

/// The pairs of a query or form, as they are written, without the values of secrets.
pub(crate) fn masked_pairs(raw: &str) -> Cow<'_, str> {
    if !raw.split('&').any(|pair| masked_pair(pair).is_some()) {
        return Cow::Borrowed(raw);
    }
    let mut masked = String::with_capacity(raw.len());
    for (at, pair) in raw.split('&').enumerate() {
        if at > 0 {
            masked.push('&');
        }
        match masked_pair(pair) {
            Some(key) => masked.extend([key, "=", MASK]),
            None => masked.push_str(pair),
        }
    }
    Cow::Owned(masked)
}

/// The key of a pair, as it is written, whose value is a secret, by its name or by the names in it.
fn masked_pair(pair: &str) -> Option<&str> {
    let (key, _) = pair.split_once('=')?;
    let (name, value) = form::pairs(pair).next()?;
    let is_structured = value.contains(['{', '[', '<', '=', ':']);
    (is_secret(&name) || (is_structured && is_secret(&value))).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_in_any_spelling() {
        for name in [
            "Authorization",
            "Proxy-Authorization",
            "X-Auth",
            "Cookie",
            "Set-Cookie",
            "X-API-Key",
            "apiKey",
            "api_key",
            "APIKEY",
            "access_token",
            "refreshToken",
            "client-secret",
            "Password",
            "pass_word",
            "pass",
            "userPass",
            "PWD",
            "db.pwd",
            "passwd",
            "userPin",
            "otp",
            "cvv",
            "sid",
            "JSESSIONID",
            "sessionId",
            "X-CSRF",
            "sig",
            "x_signature",
            "credentials",
            "jwt",
            "to-ken",
            "\u{212A}ey",
            "PIN",
            "pin2Auth",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "",
            "name",
            "author",
            "authors",
            "passenger",
            "compass",
            "id",
            "page",
            "spinner",
            "pineapple",
            "side",
            "design",
            "Content-Type",
            "user",
            "email",
            "x",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn a_target_is_shown_without_its_secrets() {
        for (target, want) in [
            ("/a", "/a"),
            ("/a?page=2&q=token", "/a?page=2&q=token"),
            ("/a?token=x", "/a?token=***"),
            ("/a?b=1&API_Key=x=y&c", "/a?b=1&API_Key=***&c"),
            ("/a?to%6Ben=x&b=?", "/a?to%6Ben=***&b=?"),
            ("/a?&password=&token", "/a?&password=***&token"),
            ("/a?f=%7B%22pin%22%3A1%7D&g={}", "/a?f=***&g={}"),
        ] {
            assert_eq!(masked_target(target), want);
        }
    }
}
