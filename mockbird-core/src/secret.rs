//! Which names are those of secrets, and how requests are shown without them (design section 4.5).

mod parts;
mod target;
mod token;
mod value;

pub use target::masked_target;
pub(crate) use target::{masked_pairs, masked_path, masked_query, masked_segment};
pub(crate) use token::has_random;
pub(crate) use value::is_secret_by_form;

use smallvec::SmallVec;

use parts::Parts;

/// True if the value of a field of this name is not for everybody's eyes: it is `Authorization`, say, or holds `token` in whatever
/// spelling.
///
/// ```
/// assert!(mockbird_core::is_secret_name("X-API-Key") && !mockbird_core::is_secret_name("keyboard"));
/// ```
pub fn is_secret_name(name: &str) -> bool {
    is_secret(name)
}

/// True if a value is a secret by its form, whatever its name: credentials of an `Authorization` header or of a URL, a JWT, or a
/// token that says who made it.
///
/// ```
/// assert!(mockbird_core::is_secret_value("Bearer abc") && !mockbird_core::is_secret_value("a bear"));
/// ```
pub fn is_secret_value(text: &str) -> bool {
    is_secret_by_form(text)
}

/// True if a pair says that what stands beside it is a secret: `name=password&value=x`.
///
/// ```
/// assert!(mockbird_core::names_secret("name", "password") && !mockbird_core::names_secret("name", "wren"));
/// ```
pub fn names_secret(key: &str, value: &str) -> bool {
    is_naming(key) && is_name_of_secret(value)
}

/// What stands for a secret.
pub(crate) const MASK: &str = "***";

/// A name that holds one of these, in whatever case and with whatever separators, is a secret's.
static PARTS: Parts<21> = Parts::new([
    "key",
    "token",
    "secret",
    "password",
    "passwd",
    "passwort",
    "passphrase",
    "passcode",
    "pincode",
    "accesscode",
    "pswd",
    "pwd",
    "credential",
    "cookie",
    "bearer",
    "jwt",
    "csrf",
    "session",
    "sessid",
    "signature",
    "saml",
]);

/// These are too short to be looked for inside of others: `passenger` and `compass` are harmless.
#[rustfmt::skip]
fn is_word(word: &[u8]) -> bool {
    matches!(
        word,
        b"pass" | b"userpass" | b"dbpass" | b"pin" | b"otp" | b"totp" | b"sid" | b"sig" | b"pw"
            | b"userpw" | b"cvv" | b"cvc" | b"cred" | b"creds"
    )
}

/// These name secrets too, but as a part of a path they are the area of an API: `/auth/login`.
static AREA_PARTS: Parts<3> = Parts::new(["authoriz", "authoris", "authent"]);

fn is_area_word(word: &[u8]) -> bool {
    matches!(
        word,
        b"auth" | b"authn" | b"authz" | b"oauth" | b"authcode" | b"xsrf"
    )
}

/// Words that hold the name of a secret only by their letters.
#[rustfmt::skip]
fn is_harmless(word: &[u8]) -> bool {
    matches!(
        word,
        b"keyboard" | b"keyboards" | b"keyword" | b"keywords" | b"keynote" | b"keypad" | b"monkey"
            | b"monkeys" | b"donkey" | b"turkey" | b"hockey" | b"whiskey"
    )
}

/// True if the value of a field of this name is not for everybody's eyes.
pub(crate) fn is_secret(name: &str) -> bool {
    holds(
        name,
        |word| is_word(word) || is_area_word(word),
        |letters| PARTS.is_any_in(letters) || AREA_PARTS.is_any_in(letters),
    )
}

/// True if what follows a segment of this text in a path is a secret: `/token/...`.
pub(crate) fn is_secret_segment(text: &str) -> bool {
    holds(text, is_word, |letters| PARTS.is_any_in(letters))
}

/// True if a query parameter of this name is a secret: OAuth sends its codes there.
pub fn is_secret_parameter(name: &str) -> bool {
    name.eq_ignore_ascii_case("code") || is_secret(name)
}

/// True if what stands beside a text of this name says of which field it is: `name=password&value=x`.
pub(crate) fn is_naming(key: &str) -> bool {
    const NAMING: [&str; 10] = [
        "name",
        "key",
        "field",
        "header",
        "param",
        "parameter",
        "property",
        "type",
        "k",
        "n",
    ];
    NAMING.iter().any(|name| name.eq_ignore_ascii_case(key))
}

/// True if a value is the name of a secret, and not a text in which one occurs.
pub(crate) fn is_name_of_secret(value: &str) -> bool {
    /// Longer ones are no names.
    const NAME_BYTES_MAX: usize = 64;
    value.len() <= NAME_BYTES_MAX && value.matches(' ').count() <= 2 && is_secret(value)
}

/// True if one of the words of a name, or all its letters without what separates them, is a secret's.
fn holds(name: &str, is_word: impl Fn(&[u8]) -> bool, has_part: impl Fn(&[u8]) -> bool) -> bool {
    // Most names are one word.
    if name.bytes().all(|b| b.is_ascii_lowercase()) {
        let word = name.as_bytes();
        return is_word(word) || (has_part(word) && !is_harmless(word));
    }
    let mut letters = Letters::new();
    let mut word = 0;
    let mut before = ' ';
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        let is_lower_next = chars.peek().is_some_and(|next| next.is_lowercase());
        if begins_word(before, c, is_lower_next) {
            if is_word(&letters[word..]) {
                return true;
            }
            end_word(&mut letters, word);
            word = letters.len();
        }
        before = c;
        push_lower(&mut letters, c);
    }
    if is_word(&letters[word..]) {
        return true;
    }
    end_word(&mut letters, word);
    has_part(&letters)
}

/// The letters and digits of a name in lower case; few have more.
type Letters = SmallVec<[u8; 64]>;

fn push_lower(letters: &mut Letters, c: char) {
    if c.is_ascii_alphanumeric() {
        letters.extend(u8::try_from(c.to_ascii_lowercase()));
    } else if c.is_alphanumeric() {
        let mut buffer = [0; 4];
        for lower in c.to_lowercase() {
            letters.extend_from_slice(lower.encode_utf8(&mut buffer).as_bytes());
        }
    }
}

/// `apiKey`, `HTTPAuth`, `pass1`, `db.pwd`
fn begins_word(before: char, c: char, is_lower_next: bool) -> bool {
    let after_capital = c.is_uppercase() && (before.is_lowercase() || is_lower_next);
    !c.is_alphanumeric() || after_capital || before.is_numeric() != c.is_numeric()
}

/// What a harmless word holds is not looked at.
fn end_word(letters: &mut Letters, word: usize) {
    if is_harmless(&letters[word..]) {
        letters.truncate(word);
        letters.push(b' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rustfmt::skip]
    #[test]
    fn names_of_secrets_in_any_spelling() {
        for name in [
            "Authorization", "Proxy-Authorization", "X-Auth", "Cookie", "Set-Cookie", "X-API-Key",
            "apiKey", "api_key", "APIKEY", "access_token", "refreshToken", "client-secret",
            "Password", "pass_word", "pass", "userPass", "PWD", "db.pwd", "passwd", "userPin",
            "otp", "cvv", "sid", "JSESSIONID", "sessionId", "X-CSRF", "sig", "x_signature",
            "credentials", "jwt", "to-ken", "\u{212A}ey", "PIN", "pin2Auth", "HTTPAuth", "XAuth",
            "DBPass", "auth0", "pass1", "pw1", "otp2", "sig2", "cvv2", "oauth2", "OAuth",
            "PHPSESSID", "sessid", "userpass", "userpw", "authn", "cred", "creds", "pswd",
            "pincode", "access_code", "SAMLResponse", "passphrase", "apikey", "common_key",
            "monkeyKey",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "", "name", "author", "authors", "passenger", "compass", "id", "page", "spinner",
            "pineapple", "side", "design", "Content-Type", "user", "email", "keyboard", "monkey",
            "monkeyId", "keywords", "code", "zipcode", "statuscode", "country_code", "coauthor",
            "sample", "x",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
