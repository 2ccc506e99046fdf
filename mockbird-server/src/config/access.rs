//! Who comes in at all, by address and country.

use http::HeaderName;

use super::form::{self, Country, Network};
use super::read::Reader;
use super::{Section, Setting};

const ALLOW: Setting = Setting::new(
    "access.allow",
    "RANGES",
    "",
    "Addresses or ranges, with commas between them, that have no rates and come in whatever is denied; logins to one account are counted all the same.",
);
const DENY: Setting = Setting::new(
    "access.deny",
    "RANGES",
    "",
    "Addresses or ranges that are answered 403, whatever they ask for.",
);
const COUNTRY_HEADER: Setting = Setting::optional(
    "access.country_header",
    "HEADER",
    "The header in which a proxy tells the country of whoever asks, such as `CF-IPCountry`; believed of `trusted_proxies` alone.",
);
const ALLOW_COUNTRIES: Setting = Setting::new(
    "access.allow_countries",
    "COUNTRIES",
    "",
    "Countries by their two letters, with commas between them: all others are answered 403, and whoever comes from nobody knows where. Probes of a load balancer need a place in `access.allow` then.",
);
const DENY_COUNTRIES: Setting = Setting::new(
    "access.deny_countries",
    "COUNTRIES",
    "",
    "Countries that are answered 403.",
);

pub(super) const SECTION: Section = Section {
    title: "Access",
    settings: &[ALLOW, DENY, COUNTRY_HEADER, ALLOW_COUNTRIES, DENY_COUNTRIES],
};

/// Who comes in at all.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Those that come in whatever is denied, and have no rates.
    pub allow: Vec<Network>,
    /// Those that do not come in.
    pub deny: Vec<Network>,
    /// Where trusted proxies tell the country.
    pub country_header: Option<HeaderName>,
    /// If there are any: nobody else comes in.
    pub allow_countries: Vec<Country>,
    /// They do not come in.
    pub deny_countries: Vec<Country>,
}

impl Access {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let access = Self {
            allow: reader.value(&ALLOW, |text| form::list(text, form::network)),
            deny: reader.value(&DENY, |text| form::list(text, form::network)),
            country_header: reader.optional(&COUNTRY_HEADER, form::header_name),
            allow_countries: reader.value(&ALLOW_COUNTRIES, |text| form::list(text, str::parse)),
            deny_countries: reader.value(&DENY_COUNTRIES, |text| form::list(text, str::parse)),
        };
        for (setting, countries) in [
            (&ALLOW_COUNTRIES, &access.allow_countries),
            (&DENY_COUNTRIES, &access.deny_countries),
        ] {
            if !countries.is_empty() && !reader.is_set(&COUNTRY_HEADER) {
                let why = "countries are told by a header of the proxy: set `access.country_header`, and `trusted_proxies`";
                reader.refuse(setting, why);
            }
        }
        access
    }
}
