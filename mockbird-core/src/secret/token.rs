//! Tokens: texts that a program drew, and no person wrote.

/// How those begin that say who made them.
const PREFIXES: [&str; 20] = [
    "mk_",
    "sk_",
    "sk-",
    "rk_",
    "whsec_",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxa-",
    "xoxb-",
    "xoxe-",
    "xoxp-",
    "xoxs-",
    "npm_",
    "hf_",
    "AIza",
];

/// Characters after such a beginning: fewer are a word, as in `sk-SK`.
const PREFIXED_CHARS_MIN: usize = 8;

/// Characters of a text drawn by chance: fewer are an id more often than a secret.
const RANDOM_CHARS_MIN: usize = 32;

/// True if a text holds a token that says by its beginning what it is.
pub(super) fn has_prefixed(text: &str) -> bool {
    text.len() > PREFIXED_CHARS_MIN
        && words(text, "-_").any(|word| {
            let mut rests = PREFIXES.iter().filter_map(|one| word.strip_prefix(one));
            rests.any(|rest| rest.len() >= PREFIXED_CHARS_MIN && is_mixed(rest))
        })
}

/// True if a text holds a long word that was drawn by chance. Numbers, dates, UUIDs and words joined by
/// hyphens are not; the hash of a file is, as nobody can tell it from a secret.
pub(crate) fn has_random(text: &str) -> bool {
    // Most are short.
    text.len() >= RANDOM_CHARS_MIN
        && words(text, "-_+/").any(|word| has_hex(word) || is_base64(word))
}

/// The runs of letters, digits and these characters.
fn words<'t>(text: &'t str, others: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && !others.contains(c))
}

/// True if there are digits, or letters of both cases.
fn is_mixed(word: &str) -> bool {
    let has = |is: fn(&u8) -> bool| word.as_bytes().iter().any(is);
    has(u8::is_ascii_digit) || (has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase))
}

/// `9f86d081884c7d659a2feaa0c55ad015`, which is more than the parts of a UUID.
fn has_hex(word: &str) -> bool {
    word.split(|c: char| !c.is_ascii_hexdigit()).any(|run| {
        run.len() >= RANDOM_CHARS_MIN
            && run.bytes().any(|b| b.is_ascii_digit())
            && run.bytes().any(|b| b.is_ascii_alphabetic())
    })
}

/// True if capitals, small letters and digits follow each other as chance has it: in words they keep together.
fn is_base64(word: &str) -> bool {
    let word = without_uuid(word);
    let separators = word.bytes().filter(|b| !b.is_ascii_alphanumeric()).count();
    if word.len() < RANDOM_CHARS_MIN || separators * 8 > word.len() {
        return false;
    }
    let (mut pairs, mut changes) = (0_usize, 0_usize);
    for pair in word.as_bytes().windows(2) {
        if let (Some(left), Some(right)) = (Class::of(pair[0]), Class::of(pair[1])) {
            pairs += 1;
            changes += usize::from(left != right);
        }
    }
    let has = |class| word.bytes().any(|b| Class::of(b) == Some(class));
    // By chance it is 62 % of the pairs, or 40 % where all letters are of one case.
    let percent = if has(Class::Upper) && has(Class::Lower) {
        45
    } else {
        25
    };
    changes * 100 >= pairs * percent
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Upper,
    Lower,
    Digit,
}

impl Class {
    fn of(byte: u8) -> Option<Self> {
        match byte {
            b'A'..=b'Z' => Some(Self::Upper),
            b'a'..=b'z' => Some(Self::Lower),
            b'0'..=b'9' => Some(Self::Digit),
            _ => None,
        }
    }
}

/// `order-` of `order-550e8400-e29b-41d4-a716-446655440000`: ids often say what they are of.
fn without_uuid(word: &str) -> &str {
    const PARTS: [usize; 5] = [8, 4, 4, 4, 12];
    let Some(at) = word.len().checked_sub(36) else {
        return word;
    };
    let parts = word[at..].split('-');
    let is_uuid = parts.clone().map(str::len).eq(PARTS)
        && parts
            .clone()
            .all(|part| part.bytes().all(|b| b.is_ascii_hexdigit()));
    if is_uuid { &word[..at] } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_by_their_beginning() {
        for text in [
            "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
            "sk_test_abc123",
            "mk_q0hX2m8Yw3",
            "a ghp_16C7e42F292c6912E7710c838347Ae178B4a.",
            "/x/xoxb-123456789012-abcdef",
            "sk-proj-Ab3dEf9hIj",
            "github_pat_11ABCDEFG0",
        ] {
            assert!(has_prefixed(text), "{text}");
        }
        for text in [
            "sk-SK",
            "sk_SK",
            "mk_two",
            "task_force_1234567",
            "sk_scikit-learn",
            "xoxb-",
            "npm_package_name",
        ] {
            assert!(!has_prefixed(text), "{text}");
        }
    }

    #[test]
    fn tokens_by_chance() {
        for text in [
            "9f86d081884c7d659a2feaa0c55ad015",
            "2FD4E1C67A2D28FCED849EE1BB76E7391B93EB12",
            "reset-2fd4e1c67a2d28fced849ee1bb76e7391b93eb12.html",
            "dGhpcyBpcyBhIHNlY3JldCBvZiBtaW5lLCBoYW5kcyBvZmY=",
            "Zm9v/YmFyMTIzNDU2Nzg5+0FCQ0RFRkdISUpLTE1OTw==",
            "q0hX2m8Yw3-Vb7Nc1_Lk9Jf4Gd6Sa5Pz0Ot8Ri2Eu7W",
            "k3j9x2m8q4w7e1r5t6y0u3i8o2p4a7s9",
            "JBSWY3DPEHPK3PXPMFRGG2LTORUW4ZZB",
        ] {
            assert!(has_random(text), "{text}");
        }
        for text in [
            "",
            "550e8400-e29b-41d4-a716-446655440000",
            "550E8400-E29B-41D4-A716-446655440000",
            "order_550e8400-e29b-41d4-a716-446655440000",
            "orders-of-customers-550e8400-e29b-41d4-a716-446655440000",
            "507f1f77bcf86cd799439011",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "V1StGXR8_Z5jdHi6B-myT",
            "12345678901234567890123456789012345678",
            "2024-01-31T12:00:00.000Z/2024-02-01T12:00:00.000Z",
            "20240131T120000Z-20240201T120000Z",
            "how-to-write-a-very-long-title-for-a-post-in-2024",
            "release-notes-v1-2-3-and-4k-videos-for-3d-tv-sets",
            "getUserAccountDetailsByIdentifierV2",
            "AmazonEC2ContainerServiceForEC2Role",
            "item-a1-b2-c3-d4-e5-f6-g7-h8-i9-j0",
            "an_environment_variable_of_some_length_2",
            "SOME_CONSTANT_WITH_QUITE_A_LONG_NAME_64",
            "/a/path/of/many/short/segments/v1/users/42/items",
            "llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
            "5.1234567890123456,12.1234567890123456",
            "a word and another one and many more of them, 12 or 13",
        ] {
            assert!(!has_random(text), "{text}");
        }
    }
}
