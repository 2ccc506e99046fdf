//! A server that is asked over HTTP.

use std::fmt::{Display, Write};
use std::time::Duration;

use http::header::{CONTENT_TYPE, ETAG, IF_MATCH, LOCATION};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};
use url::Url;

use super::Failure;
use crate::config;
use crate::console::Harmless;
use crate::domain::PlainToken;

/// How long a connection may take, and a whole call: a server that imports thousands of mocks takes a while.
const CONNECT_TIME: Duration = Duration::from_secs(30);
const CALL_TIME: Duration = Duration::from_mins(2);

/// The most bytes of a reply: more than any project has.
const REPLY_BYTES_MAX: u64 = 256 << 20;

/// The server, and who asks it.
#[derive(Debug, clap::Args)]
pub(super) struct Access {
    /// The server
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4000")]
    server: String,

    /// An API key; better in `MOCKBIRD_KEY`, as everybody on this machine may see a command line
    #[arg(long, value_name = "KEY", value_parser = secret)]
    key: Option<SecretString>,
}

/// Any text will do, so that no message of the command line tells it.
#[expect(clippy::unnecessary_wraps, reason = "what clap asks for")]
fn secret(text: &str) -> Result<SecretString, String> {
    Ok(SecretString::from(text))
}

/// A server that knows who asks.
#[derive(Debug)]
pub(super) struct Server {
    agent: Agent,
    root: Url,
    key: SecretString,
}

/// A project, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(super) struct Project {
    pub(super) id: String,
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) url: String,
}

/// A reply that is no refusal.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) text: String,
    /// The version of what it tells of, as its header says it.
    pub(super) version: Option<HeaderValue>,
}

/// Why a server does not do what it is asked.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    message: String,
    pub(super) details: Vec<Detail>,
}

/// One fault of what was sent, or a warning.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Detail {
    pub(super) at: String,
    pub(super) message: String,
    #[serde(default)]
    pub(super) hint: String,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The server says no.
    Refused(Refusal),
    /// There is no such server, or none of ours.
    Failed(String),
    /// Nobody knows whether it was done: there is no reply.
    Lost(String),
}

impl Access {
    /// The server as the command line says it.
    pub(super) fn server(&self) -> Result<Server, Failure> {
        let root = root(&self.server)?;
        let key = self.key.clone().or_else(config::key_of_environment);
        let key = key.ok_or_else(|| {
            let why = "there is no API key: set MOCKBIRD_KEY to one, or use --key";
            Failure::Usage(why.to_owned())
        })?;
        let text = key.expose_secret();
        if text.is_empty() || HeaderValue::from_str(text).is_err() {
            let why =
                "the API key has characters that no key has: is it all of it, and nothing else?";
            return Err(Failure::Usage(why.to_owned()));
        }
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier);
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            // The key is for the server that was named.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT_TIME))
            .timeout_global(Some(CALL_TIME))
            .tls_config(tls.build())
            .user_agent(concat!("mockbird/", env!("CARGO_PKG_VERSION")));
        Ok(Server {
            agent: agent.build().into(),
            root,
            key,
        })
    }
}

fn root(text: &str) -> Result<Url, Failure> {
    let wrong = |why: &str| {
        let text = Harmless(text);
        Failure::Usage(format!("--server {text}: {why}"))
    };
    let url = Url::parse(text).map_err(|_| wrong("write it as https://mockbird.example.com"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(wrong("it must begin with https:// or http://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        // Not repeated, as it is a secret.
        let why = "--server has a user or a password in it: who asks is told by the key";
        return Err(Failure::Usage(why.to_owned()));
    }
    Ok(url)
}

impl Server {
    /// The address of a route: `["api", "projects"]`.
    pub(super) fn url(&self, path: &[&str]) -> Url {
        let mut url = self.root.clone();
        url.set_query(None);
        url.set_fragment(None);
        // An http URL can have segments.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// The project of a slug, if the key sees one.
    pub(super) fn project(&self, slug: &str) -> Result<Option<Project>, Trouble> {
        #[derive(Deserialize)]
        struct Found {
            items: Vec<Project>,
        }
        let mut url = self.url(&["api", "projects"]);
        url.query_pairs_mut().append_pair("slug", slug);
        let found: Found = self.get(&url)?.read("projects")?;
        Ok(found.items.into_iter().next())
    }

    pub(super) fn get(&self, url: &Url) -> Result<Answer, Trouble> {
        self.call(Request::get(url.as_str()), String::new())
    }

    /// Sends a mock file; with a version only if it is still that of what is to be changed.
    pub(super) fn post(
        &self,
        url: &Url,
        version: Option<&HeaderValue>,
        file: String,
    ) -> Result<Answer, Trouble> {
        let mut request = Request::post(url.as_str()).header(CONTENT_TYPE, "application/json");
        if let Some(version) = version {
            request = request.header(IF_MATCH, version);
        }
        self.call(request, file)
    }

    /// Sends a mock file of which something is made. If the reply is lost, it is sent once more: by its key the server knows that
    /// it is the same wish, and makes nothing twice.
    pub(super) fn create(&self, url: &Url, file: &str) -> Result<Answer, Trouble> {
        let key = PlainToken::random("push_");
        let send = || {
            let request = Request::post(url.as_str())
                .header(CONTENT_TYPE, "application/json")
                .header("idempotency-key", key.reveal());
            self.call(request, file.to_owned())
        };
        match send() {
            Err(Trouble::Lost(_)) => send(),
            answered => answered,
        }
    }

    fn call(&self, request: http::request::Builder, body: String) -> Result<Answer, Trouble> {
        let request = request.header("x-api-key", self.key.expose_secret());
        let request = request.body(body).map_err(|error| self.failed(&error))?;
        let reply = self.agent.run(request);
        let (head, body) = reply.map_err(|error| self.unreached(&error))?.into_parts();
        if head.status.is_redirection() {
            return Err(self.failed(&elsewhere(&head.headers)));
        }
        let text = body.into_with_config().limit(REPLY_BYTES_MAX);
        let text = text.lossy_utf8(true).read_to_string();
        let text = text.map_err(|error| self.unreached(&error))?;
        if head.status.is_success() {
            let version = head.headers.get(ETAG).cloned();
            return Ok(Answer { text, version });
        }
        let told = text.replace(self.key.expose_secret(), "<key>");
        Err(match Refusal::read(head.status, &told) {
            Some(refusal) => Trouble::Refused(refusal),
            None => self.failed(&format!(
                "it answers {}, and not as a MockBird server does",
                head.status
            )),
        })
    }

    fn unreached(&self, error: &ureq::Error) -> Trouble {
        match error {
            ureq::Error::Io(error) => self.lost(error),
            error => self.lost(error),
        }
    }

    fn lost(&self, why: &dyn Display) -> Trouble {
        Trouble::Lost(self.cannot(why))
    }

    fn failed(&self, why: &dyn Display) -> Trouble {
        Trouble::Failed(self.cannot(why))
    }

    fn cannot(&self, why: &dyn Display) -> String {
        let origin = self.root.origin().ascii_serialization();
        format!("cannot ask {origin}: {}", Harmless(&why.to_string()))
    }
}

fn elsewhere(headers: &HeaderMap) -> String {
    let to = headers.get(LOCATION).and_then(|to| to.to_str().ok());
    let to = to.unwrap_or("somewhere else");
    format!("it sends on to {to}; if that is the server, name it with --server")
}

impl Answer {
    /// What it says; `what` is what was asked for.
    pub(super) fn read<T: DeserializeOwned>(&self, what: &str) -> Result<T, Trouble> {
        serde_json::from_str(&self.text).map_err(|_| {
            Trouble::Failed(format!(
                "what the server says of {what} is not understood: is it a MockBird of another version?"
            ))
        })
    }
}

impl Refusal {
    fn read(status: StatusCode, text: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Problem {
            error: String,
            message: String,
            #[serde(default)]
            details: Vec<Detail>,
        }
        let problem: Problem = serde_json::from_str(text).ok()?;
        Some(Self {
            status,
            message: format!("{} ({})", problem.message, problem.error),
            details: problem.details,
        })
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Work(match trouble {
            Trouble::Failed(why) | Trouble::Lost(why) => why,
            Trouble::Refused(Refusal {
                message, details, ..
            }) => {
                let mut text = Harmless(&message).to_string();
                // A single one is the message already.
                for detail in details.iter().filter(|_| details.len() > 1) {
                    // Writing to a String cannot fail.
                    let _ = write!(
                        text,
                        "\n  {}: {}",
                        Harmless(&detail.at),
                        Harmless(&detail.message)
                    );
                }
                text
            }
        })
    }
}
