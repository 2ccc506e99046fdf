//! Where the server listens, and what it is called from outside.

use std::path::PathBuf;

use super::form::{self, Network, PublicUrl};
use super::read::Reader;
use super::{Section, Setting};
use crate::domain::Slug;

const HOST: Setting = Setting::new(
    "host",
    "ADDRESS",
    "127.0.0.1",
    "The address to listen on; `0.0.0.0` or `::` lets other machines in.",
);
const PORT: Setting = Setting::new(
    "port",
    "NUMBER",
    "4000",
    "The port to listen on; 0 takes a free one.",
);
const ADMIN_HOST: Setting = Setting::new(
    "admin_host",
    "ADDRESS",
    "127.0.0.1",
    "The address of the listener for `/metrics`.",
);
const ADMIN_PORT: Setting = Setting::optional(
    "admin_port",
    "NUMBER",
    "The port of the listener for `/metrics`; without it there is none.",
);
const DATA_DIR: Setting = Setting::new(
    "data_dir",
    "FOLDER",
    "mockbird-data",
    "The folder of the signing secret and of the SQLite database; made if it is missing.",
);
const PUBLIC_URL: Setting = Setting::optional(
    "public_url",
    "URL",
    "What browsers call this server, for links in mails and for cookies; the address it listens on if left out.",
);
const MOCKS_DOMAIN: Setting = Setting::optional(
    "mocks_domain",
    "DOMAIN",
    "Projects answer at `{slug}.DOMAIN` too. Take another registrable domain than the one of `public_url`: what mocks answer is not to be trusted.",
);
const TRUSTED_PROXIES: Setting = Setting::new(
    "trusted_proxies",
    "RANGES",
    "",
    "Addresses or ranges, with commas between them, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.",
);
const TLS_CERT: Setting = Setting::optional(
    "tls.cert",
    "FILE",
    "A certificate chain in PEM form: the server then speaks HTTPS itself.",
);
const TLS_KEY: Setting = Setting::optional(
    "tls.key",
    "FILE",
    "The private key of the certificate, in PEM form.",
);

pub(super) const SECTION: Section = Section {
    title: "Addresses and files",
    settings: &[
        HOST,
        PORT,
        ADMIN_HOST,
        ADMIN_PORT,
        DATA_DIR,
        PUBLIC_URL,
        MOCKS_DOMAIN,
        TRUSTED_PROXIES,
        TLS_CERT,
        TLS_KEY,
    ],
};

/// Where the server listens, and what it is called from outside.
#[derive(Clone, Debug, Default)]
pub struct Listen {
    /// The address to listen on.
    pub host: String,
    /// The port to listen on; 0 is any free one.
    pub port: u16,
    /// Address and port of the listener for metrics, if there is one.
    pub admin: Option<(String, u16)>,
    /// The folder of secret and database.
    pub data_dir: PathBuf,
    /// What browsers call it, if that is not the address it listens on.
    pub public_url: Option<PublicUrl>,
    /// Projects answer at subdomains of this.
    pub mocks_domain: Option<String>,
    /// Whose forwarding headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// The certificate of HTTPS.
    pub tls: Option<Tls>,
}

/// The files of HTTPS.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The certificate chain.
    pub cert: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

impl Listen {
    /// What a link to this server begins with.
    pub fn base_url(&self) -> String {
        if let Some(url) = &self.public_url {
            return url.to_string();
        }
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        // "All addresses" is none that a browser can ask.
        let host = match self.host.as_str() {
            "0.0.0.0" | "::" | "[::]" => "localhost",
            host => host,
        };
        let bare = host.contains(':') && !host.starts_with('[');
        let host = if bare {
            format!("[{host}]")
        } else {
            host.to_owned()
        };
        format!("{scheme}://{host}:{}", self.port)
    }

    /// Where the mocks of a project answer: at its own host, if it may have one and there are such.
    pub fn project_url(&self, slug: &str, own_host: bool) -> String {
        let base = self.base_url();
        let Some(domain) = self.mocks_domain.as_deref().filter(|_| own_host) else {
            return format!("{base}/m/{slug}");
        };
        let (scheme, authority) = base.split_once("://").unwrap_or(("http", &base));
        // What follows the last `:` outside of brackets.
        let port = authority.rsplit_once(':').map(|(_, port)| port);
        let port = port.filter(|port| !port.ends_with(']'));
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{scheme}://{slug}.{domain}{port}")
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let admin_host = reader.value(&ADMIN_HOST, form::text);
        let admin_port = reader.optional(&ADMIN_PORT, form::port);
        let listen = Self {
            host: reader.value(&HOST, form::text),
            port: reader.value(&PORT, form::port),
            admin: admin_port.map(|port| (admin_host, port)),
            data_dir: reader.value(&DATA_DIR, form::text).into(),
            public_url: reader.optional(&PUBLIC_URL, form::public_url),
            mocks_domain: reader.optional(&MOCKS_DOMAIN, form::domain),
            trusted_proxies: reader.value(&TRUSTED_PROXIES, |text| form::list(text, form::network)),
            tls: Tls::read(reader),
        };
        if listen.is_taken_for_a_mock() {
            let why = "the host of `public_url` would be that of a project: take another domain, or a first label that \
                       no project has, such as `app` or `www`";
            reader.refuse(&MOCKS_DOMAIN, why);
        }
        listen
    }

    /// Whether our own host would be a project's.
    fn is_taken_for_a_mock(&self) -> bool {
        let domain = self.mocks_domain.as_deref();
        let url = self.public_url.as_ref().map(PublicUrl::authority);
        let project = domain
            .zip(url)
            .and_then(|(domain, host)| Slug::of_host(host, domain));
        project.is_some()
    }
}

impl Tls {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let cert = reader.optional(&TLS_CERT, form::text);
        let key = reader.optional(&TLS_KEY, form::text);
        match (reader.is_set(&TLS_CERT), reader.is_set(&TLS_KEY)) {
            (true, false) => reader.refuse(&TLS_CERT, "a certificate needs `tls.key` beside it"),
            (false, true) => reader.refuse(&TLS_KEY, "a key needs `tls.cert` beside it"),
            _ => {}
        }
        Some(Self {
            cert: cert?.into(),
            key: key?.into(),
        })
    }
}
