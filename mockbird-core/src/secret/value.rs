//! Values that are secrets by their form, whatever their name.

use super::token;

/// True if a text holds credentials: those of an `Authorization` header, of a URL, a JWT, or a token that
/// says who made it.
pub(crate) fn is_secret_by_form(text: &str) -> bool {
    has_scheme(text) || has_userinfo(text) || has_jwt(text) || token::has_prefixed(text)
}

/// `Bearer x`; the other schemes are words of every day as well, and count only at the beginning of
/// a text or of a part of it.
fn has_scheme(text: &str) -> bool {
    const SCHEMES: [&str; 5] = ["bearer", "basic", "token", "apikey", "digest"];
    // Most texts are one word.
    if !text.bytes().any(|b| b <= b' ' || !b.is_ascii()) {
        return false;
    }
    let parts = text.split([',', ';', ':', '=', '"', '\'', '&', '\n']);
    let begins_with_scheme = parts.map(str::split_whitespace).any(|mut words| {
        let first = words.next().unwrap_or_default();
        words.next().is_some()
            && SCHEMES
                .iter()
                .any(|scheme| scheme.eq_ignore_ascii_case(first))
    });
    begins_with_scheme || {
        let mut words = text.split_whitespace();
        words.any(|word| word.eq_ignore_ascii_case("bearer")) && words.next().is_some()
    }
}

/// `https://user:password@host/`
fn has_userinfo(text: &str) -> bool {
    text.contains('@')
        && text.split("://").skip(1).any(|rest| {
            let end = rest.find(['/', '?', '#', ' ', '"']).unwrap_or(rest.len());
            rest[..end].contains('@')
        })
}

/// Three parts in base64, the first of which begins as JSON does.
fn has_jwt(text: &str) -> bool {
    let is_outside = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    text.contains('.')
        && text.split(is_outside).any(|run| {
            run.find("eyJ").is_some_and(|at| {
                let mut parts = run[at..].split('.');
                parts.next();
                parts.next().is_some_and(|payload| !payload.is_empty()) && parts.next().is_some()
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_by_form() {
        for text in [
            "Bearer HUNTER2",
            "bearer  x",
            "see Bearer x",
            "BASIC dTpw",
            "Token x",
            "x, ApiKey y",
            "https://u:HUNTER2@h/",
            "see http://a/ and ftp://u@h",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
            "at eyJh.eyJz. end",
        ] {
            assert!(is_secret_by_form(text), "{text}");
        }
        for text in [
            "",
            "Bearer",
            "the basic plan",
            "a token of love",
            "tokens are x",
            "https://h/@me",
            "https://h/?q=a@b.c",
            "a@b.c",
            "eyJ",
            "eyJh.x",
            "1.2.3",
        ] {
            assert!(!is_secret_by_form(text), "{text}");
        }
    }
}
