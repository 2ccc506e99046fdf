//! `fake.*`: made-up names, addresses and the like, from the crate `fake`.
//!
//! Names are those of the widely known faker libraries: flat (`fake.email()`), in groups
//! (`fake.internet.email()`), and in snake case (`fake.first_name()`).

use std::convert::Infallible;

use fake::Fake;
use fake::faker::impls::address::CityNameGenFn;
use fake::faker::{
    address::raw as address, barcode::raw as barcode, company::raw as company,
    creditcard::raw as creditcard, currency::raw as currency, filesystem::raw as filesystem,
    internet::raw as internet, job::raw as job, lorem::raw as lorem, name::raw as name,
    phone_number::raw as phone,
};
use fake::locales::{self, Data};
use jiff::Timestamp;

use super::{random, whole};
use crate::limits::TEMPLATE_ITEMS_MAX;
use crate::random::Random;
use crate::template::budget::Budget;
use crate::template::fault::{Outcome, a_text, error};
use crate::template::filter::Args;
use crate::template::value::Value;

impl rand::TryRng for Random {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        // The upper half of 64 bits fits in 32.
        Ok((self.next_u64() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let drawn = self.next_u64().to_le_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
        Ok(())
    }
}

/// What is made up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::template) enum Faker {
    Name,
    FirstName,
    LastName,
    Title,
    Suffix,
    Email,
    Username,
    Password,
    Domain,
    Url,
    Ip,
    Ipv4,
    Ipv6,
    Mac,
    UserAgent,
    Phone,
    Company,
    CompanySuffix,
    CatchPhrase,
    Buzzword,
    Industry,
    JobTitle,
    JobField,
    Seniority,
    Profession,
    Street,
    StreetName,
    Building,
    City,
    State,
    StateCode,
    Zip,
    Country,
    CountryCode,
    TimeZone,
    Latitude,
    Longitude,
    Word,
    Words,
    Sentence,
    Sentences,
    Paragraph,
    Paragraphs,
    Uuid,
    Color,
    CreditCard,
    CurrencyCode,
    CurrencyName,
    CurrencySymbol,
    Isbn,
    FileName,
    FilePath,
    MimeType,
    Semver,
    Past,
    Future,
    Recent,
    Boolean,
    Int,
    Float,
    Digit,
}

/// The groups of each faker, its names, and the faker.
const NAMES: [(&[&str], &[&str], Faker); 61] = [
    (&["person", "name"], &["name", "fullName"], Faker::Name),
    (&["person", "name"], &["firstName"], Faker::FirstName),
    (&["person", "name"], &["lastName"], Faker::LastName),
    (&["person", "name"], &["prefix", "title"], Faker::Title),
    (&["person", "name"], &["suffix"], Faker::Suffix),
    (
        &["internet"],
        &["email", "exampleEmail", "safeEmail", "freeEmail"],
        Faker::Email,
    ),
    (&["internet"], &["username", "displayName"], Faker::Username),
    (&["internet"], &["password"], Faker::Password),
    (&["internet"], &["domainName", "domain"], Faker::Domain),
    (&["internet"], &["url"], Faker::Url),
    (&["internet"], &["ip"], Faker::Ip),
    (&["internet"], &["ipv4"], Faker::Ipv4),
    (&["internet"], &["ipv6"], Faker::Ipv6),
    (&["internet"], &["mac", "macAddress"], Faker::Mac),
    (&["internet"], &["userAgent"], Faker::UserAgent),
    (
        &["phone", "phoneNumber"],
        &["phone", "number", "phoneNumber"],
        Faker::Phone,
    ),
    (
        &["company"],
        &["company", "companyName", "name"],
        Faker::Company,
    ),
    (
        &["company"],
        &["companySuffix", "suffix"],
        Faker::CompanySuffix,
    ),
    (&["company"], &["catchPhrase"], Faker::CatchPhrase),
    (
        &["company"],
        &["buzzPhrase", "buzzword", "bs"],
        Faker::Buzzword,
    ),
    (
        &["company", "commerce"],
        &["industry", "department"],
        Faker::Industry,
    ),
    (
        &["person", "name", "job"],
        &["jobTitle", "title"],
        Faker::JobTitle,
    ),
    (
        &["person", "name", "job"],
        &["jobArea", "field"],
        Faker::JobField,
    ),
    (
        &["person", "job"],
        &["jobDescriptor", "seniority"],
        Faker::Seniority,
    ),
    (
        &["person", "company"],
        &["jobType", "profession"],
        Faker::Profession,
    ),
    (
        &["location", "address"],
        &["streetAddress", "street", "address"],
        Faker::Street,
    ),
    (&["location", "address"], &["streetName"], Faker::StreetName),
    (
        &["location", "address"],
        &["buildingNumber"],
        Faker::Building,
    ),
    (&["location", "address"], &["city", "cityName"], Faker::City),
    (
        &["location", "address"],
        &["state", "stateName"],
        Faker::State,
    ),
    (
        &["location", "address"],
        &["stateAbbr", "stateCode"],
        Faker::StateCode,
    ),
    (
        &["location", "address"],
        &["zip", "zipCode", "postCode", "postalCode"],
        Faker::Zip,
    ),
    (
        &["location", "address"],
        &["country", "countryName"],
        Faker::Country,
    ),
    (
        &["location", "address"],
        &["countryCode"],
        Faker::CountryCode,
    ),
    (
        &["location", "address", "date"],
        &["timeZone"],
        Faker::TimeZone,
    ),
    (&["location", "address"], &["latitude"], Faker::Latitude),
    (&["location", "address"], &["longitude"], Faker::Longitude),
    (&["lorem", "word"], &["word", "sample", "noun"], Faker::Word),
    (&["lorem", "word"], &["words"], Faker::Words),
    (&["lorem"], &["sentence", "text"], Faker::Sentence),
    (&["lorem"], &["sentences"], Faker::Sentences),
    (&["lorem"], &["paragraph"], Faker::Paragraph),
    (&["lorem"], &["paragraphs"], Faker::Paragraphs),
    (&["string", "datatype", "random"], &["uuid"], Faker::Uuid),
    (
        &["color", "internet"],
        &["color", "hexColor", "rgb", "hex"],
        Faker::Color,
    ),
    (
        &["finance"],
        &["creditCard", "creditCardNumber"],
        Faker::CreditCard,
    ),
    (
        &["finance"],
        &["currency", "currencyCode"],
        Faker::CurrencyCode,
    ),
    (&["finance"], &["currencyName"], Faker::CurrencyName),
    (&["finance"], &["currencySymbol"], Faker::CurrencySymbol),
    (&["commerce", "barcode"], &["isbn", "isbn13"], Faker::Isbn),
    (&["system", "file"], &["fileName"], Faker::FileName),
    (&["system", "file"], &["filePath"], Faker::FilePath),
    (&["system", "file"], &["mimeType"], Faker::MimeType),
    (&["system"], &["semver"], Faker::Semver),
    (&["date"], &["date", "past", "anytime"], Faker::Past),
    (&["date"], &["future", "soon"], Faker::Future),
    (&["date"], &["recent"], Faker::Recent),
    (
        &["datatype", "random"],
        &["boolean", "bool"],
        Faker::Boolean,
    ),
    (
        &["number", "datatype", "random"],
        &["number", "int", "integer"],
        Faker::Int,
    ),
    (
        &["number", "datatype", "random", "commerce", "finance"],
        &["float", "price", "amount"],
        Faker::Float,
    ),
    (&["string", "number"], &["digit", "numeric"], Faker::Digit),
];

/// The names that may be written after `fake.`.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().flat_map(|(_, names, _)| names.iter().copied())
}

fn same(a: &str, b: &str) -> bool {
    let letters = |s: &str| -> Vec<u8> {
        let kept = s.bytes().filter(|b| *b != b'_');
        kept.map(|b| b.to_ascii_lowercase()).collect()
    };
    letters(a) == letters(b)
}

impl Faker {
    /// The faker of a name such as `email`, `internet.email` or `first_name`.
    pub(super) fn parse(path: &str) -> Option<Self> {
        let (group, name) = match path.rsplit_once('.') {
            Some((group, name)) => (Some(group), name),
            None => (None, path),
        };
        NAMES
            .iter()
            .find(|(groups, names, _)| {
                group.is_none_or(|group| groups.iter().any(|g| same(g, group)))
                    && names.iter().any(|n| same(n, name))
            })
            .map(|(_, _, faker)| *faker)
    }

    /// Makes one up.
    pub(super) fn call<'a>(
        self,
        mut args: Args<'a>,
        random: &mut Random,
        now_ms: i64,
        budget: &mut Budget,
    ) -> Outcome<Value<'a>> {
        let locale = args.take(usize::MAX, "locale");
        match self {
            Self::Uuid => {
                args.finish(0)?;
                return Ok(Value::from(random::uuid(random)));
            }
            Self::Boolean => {
                args.finish(0)?;
                return Ok(Value::Bool(random.below(2) == 1));
            }
            Self::Int | Self::Float => return self.number(args, random),
            Self::Latitude => return Ok(coordinate(90, random)),
            Self::Longitude => return Ok(coordinate(180, random)),
            Self::Past | Self::Future | Self::Recent => {
                args.finish(0)?;
                return Ok(Value::from(self.moment(random, now_ms)));
            }
            _ => {}
        }
        let count = self.count(&mut args)?;
        args.finish(1)?;
        // A sentence is a handful of words, a paragraph a handful of sentences.
        budget.afford(count.saturating_mul(400))?;
        let made = match locale {
            Some(locale) => {
                let name = locale.as_str().unwrap_or("");
                in_locale(self, name, count, random).ok_or_else(|| unknown_locale(name))?
            }
            None => text(self, locales::EN, count, random),
        };
        budget.make(made.len())?;
        Ok(Value::from(made))
    }

    /// How many words, sentences or characters are wanted.
    fn count(self, args: &mut Args<'_>) -> Outcome<usize> {
        let usual = match self {
            Self::Words | Self::Sentences | Self::Paragraphs | Self::Paragraph => 3,
            Self::Sentence => 8,
            Self::Password => 12,
            _ if args.positional.is_empty() => return Ok(1),
            _ => return Err(error("this faker takes no argument but `locale`")),
        };
        let Some(count) = args.take(0, "count") else {
            return Ok(usual);
        };
        match usize::try_from(whole(&count, "count")?) {
            Ok(count) if count <= TEMPLATE_ITEMS_MAX => Ok(count),
            _ => Err(error(format!(
                "a count goes from 0 to {TEMPLATE_ITEMS_MAX}"
            ))),
        }
    }

    fn number<'a>(self, mut args: Args<'a>, random: &mut Random) -> Outcome<Value<'a>> {
        let low = args.take(0, "min").unwrap_or(Value::Int(0));
        let high = args.take(1, "max").unwrap_or(Value::Int(1000));
        args.finish(2)?;
        let mut bounds = Args::default();
        bounds.positional.extend([low, high]);
        if self == Self::Int {
            return random::int(bounds, random);
        }
        Ok(match random::float(bounds, random)? {
            // A price has cents.
            Value::Float(number) => Value::Float((number * 100.0).round() / 100.0),
            other => other,
        })
    }

    fn moment(self, random: &mut Random, now_ms: i64) -> String {
        const DAY: u64 = 86_400_000;
        let days = if self == Self::Recent { 1 } else { 365 };
        // A year in milliseconds fits.
        let distance = i64::try_from(random.below(days * DAY)).unwrap_or(0);
        let at = match self {
            Self::Future => now_ms.saturating_add(distance),
            _ => now_ms.saturating_sub(distance),
        };
        Timestamp::from_millisecond(at).map_or_else(|_| String::new(), |at| format!("{at:.3}"))
    }
}

fn coordinate<'a>(bound: u32, random: &mut Random) -> Value<'a> {
    let degrees = (random.unit() * 2.0 - 1.0) * f64::from(bound);
    Value::Float((degrees * 1e6).round() / 1e6)
}

fn unknown_locale(name: &str) -> crate::template::fault::Fault {
    error(format!(
        "{} is not a locale; there are {}",
        a_text(name),
        LOCALES.join(", ")
    ))
}

/// The locales by name, each with the type of the crate that stands for it.
macro_rules! locales {
    ($($name:literal => $locale:ident),* $(,)?) => {
        const LOCALES: &[&str] = &[$($name),*];

        /// Makes a text in a locale: `de_de`, `de-DE` or `de`; nothing if it is not known.
        fn in_locale(faker: Faker, name: &str, count: usize, random: &mut Random) -> Option<String> {
            let name = name.replace('-', "_").to_ascii_lowercase();
            let full = LOCALES.iter().find(|l| **l == name || l.split('_').next() == Some(&name))?;
            match *full {
                $($name => Some(text(faker, locales::$locale, count, random)),)*
                _ => None,
            }
        }
    };
}

locales! {
    "en" => EN, "fr_fr" => FR_FR, "de_de" => DE_DE, "it_it" => IT_IT, "pt_br" => PT_BR,
    "pt_pt" => PT_PT, "nl_nl" => NL_NL, "tr_tr" => TR_TR, "cy_gb" => CY_GB, "ar_sa" => AR_SA,
    "fa_ir" => FA_IR, "ja_jp" => JA_JP, "zh_cn" => ZH_CN, "zh_tw" => ZH_TW,
}

/// Makes a text.
fn text<L: CityNameGenFn>(faker: Faker, locale: L, count: usize, random: &mut Random) -> String {
    match faker {
        Faker::Email | Faker::Username | Faker::Domain | Faker::Url => {
            let made = internet_text(faker, locale, random);
            if made.is_ascii() {
                return made;
            }
            // Names of other scripts do not go into addresses.
            internet_text(faker, locales::EN, random)
        }
        Faker::Words
        | Faker::Sentence
        | Faker::Sentences
        | Faker::Paragraph
        | Faker::Paragraphs => lorem_text(faker, locale, count, random),
        Faker::Password => internet::Password(locale, count..count + 1).fake_with_rng(random),
        Faker::Digit => random.below(10).to_string(),
        _ => plain_text(faker, locale, random),
    }
}

fn internet_text<L: Data + Copy>(faker: Faker, locale: L, random: &mut Random) -> String {
    let domain = |random: &mut Random| -> String {
        let word: String = lorem::Word(locale).fake_with_rng(random);
        let suffix: String = internet::DomainSuffix(locale).fake_with_rng(random);
        format!("{word}.{suffix}")
    };
    match faker {
        Faker::Email => internet::SafeEmail(locale).fake_with_rng(random),
        Faker::Username => internet::Username(locale).fake_with_rng(random),
        Faker::Domain => domain(random),
        _ => format!("https://{}", domain(random)),
    }
}

fn lorem_text<L: Data + Copy>(
    faker: Faker,
    locale: L,
    count: usize,
    random: &mut Random,
) -> String {
    let range = count..count + 1;
    match faker {
        Faker::Words => {
            let words: Vec<String> = lorem::Words(locale, range).fake_with_rng(random);
            words.join(" ")
        }
        Faker::Sentence => lorem::Sentence(locale, range).fake_with_rng(random),
        Faker::Sentences => {
            let all: Vec<String> = lorem::Sentences(locale, range).fake_with_rng(random);
            all.join(" ")
        }
        Faker::Paragraph => lorem::Paragraph(locale, range).fake_with_rng(random),
        _ => {
            let all: Vec<String> = lorem::Paragraphs(locale, range).fake_with_rng(random);
            all.join("\n")
        }
    }
}

fn plain_text<L: CityNameGenFn>(faker: Faker, l: L, random: &mut Random) -> String {
    match faker {
        Faker::FirstName => name::FirstName(l).fake_with_rng(random),
        Faker::LastName => name::LastName(l).fake_with_rng(random),
        Faker::Title => name::Title(l).fake_with_rng(random),
        Faker::Suffix => name::Suffix(l).fake_with_rng(random),
        Faker::Ip => internet::IP(l).fake_with_rng(random),
        Faker::Ipv4 => internet::IPv4(l).fake_with_rng(random),
        Faker::Ipv6 => internet::IPv6(l)
            .fake_with_rng::<String, _>(random)
            .to_lowercase(),
        Faker::Mac => internet::MACAddress(l)
            .fake_with_rng::<String, _>(random)
            .to_lowercase(),
        Faker::UserAgent => internet::UserAgent(l).fake_with_rng(random),
        Faker::Phone => phone::PhoneNumber(l).fake_with_rng(random),
        Faker::Company => company::CompanyName(l).fake_with_rng(random),
        Faker::CompanySuffix => company::CompanySuffix(l).fake_with_rng(random),
        Faker::CatchPhrase => company::CatchPhrase(l).fake_with_rng(random),
        Faker::Buzzword => company::Bs(l).fake_with_rng(random),
        Faker::Industry => company::Industry(l).fake_with_rng(random),
        Faker::Profession => company::Profession(l).fake_with_rng(random),
        Faker::JobTitle => job::Title(l).fake_with_rng(random),
        Faker::JobField => job::Field(l).fake_with_rng(random),
        Faker::Seniority => job::Seniority(l).fake_with_rng(random),
        Faker::Street => {
            let number: String = address::BuildingNumber(l).fake_with_rng(random);
            let street: String = address::StreetName(l).fake_with_rng(random);
            format!("{number} {street}")
        }
        Faker::StreetName => address::StreetName(l).fake_with_rng(random),
        Faker::Building => address::BuildingNumber(l).fake_with_rng(random),
        Faker::City => address::CityName(l).fake_with_rng(random),
        Faker::State => address::StateName(l).fake_with_rng(random),
        Faker::StateCode => address::StateAbbr(l).fake_with_rng(random),
        Faker::Zip => address::ZipCode(l).fake_with_rng(random),
        Faker::Country => address::CountryName(l).fake_with_rng(random),
        Faker::CountryCode => address::CountryCode(l).fake_with_rng(random),
        Faker::TimeZone => address::TimeZone(l).fake_with_rng(random),
        Faker::Word => lorem::Word(l).fake_with_rng(random),
        Faker::Color => format!("#{:06x}", random.below(1 << 24)),
        Faker::CreditCard => creditcard::CreditCardNumber(l).fake_with_rng(random),
        Faker::CurrencyCode => currency::CurrencyCode(l).fake_with_rng(random),
        Faker::CurrencyName => currency::CurrencyName(l).fake_with_rng(random),
        Faker::CurrencySymbol => currency::CurrencySymbol(l).fake_with_rng(random),
        Faker::Isbn => barcode::Isbn13(l).fake_with_rng(random),
        Faker::FileName => filesystem::FileName(l).fake_with_rng(random),
        Faker::FilePath => filesystem::FilePath(l).fake_with_rng(random),
        Faker::MimeType => filesystem::MimeType(l).fake_with_rng(random),
        Faker::Semver => filesystem::Semver(l).fake_with_rng(random),
        _ => name::Name(l).fake_with_rng(random),
    }
}
