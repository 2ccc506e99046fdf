//! Hands mails to the mail server.

use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};
use std::{fs, io};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::ExposeSecret;

use crate::config::{Security, Smtp};
use crate::store::OutboxMail;

/// How long each step of a conversation with the mail server may take.
const STEP_PATIENCE: Duration = Duration::from_secs(20);

/// How long a conversation may take as a whole.
const PATIENCE: Duration = Duration::from_mins(1);

/// Hands mails to the mail server; one connection a mail.
#[derive(Debug)]
pub struct Sender {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why there is nobody to send mails with.
#[derive(Debug, thiserror::Error)]
pub enum SenderError {
    /// The certificates to trust.
    #[error("the certificates of `smtp.ca`, {}, cannot be read: {error}", .file.display())]
    Ca {
        /// Which file.
        file: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The mail server's name.
    #[error("mails cannot be sent by way of `{host}`: {error}")]
    Host {
        /// Which one.
        host: String,
        /// Why not.
        error: smtp::Error,
    },
}

/// Why a mail was not sent; each passes by, or is mended by the operator.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The mail server takes this mail not, or not now.
    #[error("the mail server refused it: {0}")]
    Refused(#[source] smtp::Error),
    /// The mail server is away, or turns us away: no other mail would fare better.
    #[error("the mail server cannot be talked to: {0}")]
    Away(#[source] smtp::Error),
    /// It took too long.
    #[error("the mail server took longer than {} s", PATIENCE.as_secs())]
    TooSlow,
    /// The address or the text cannot be put into a mail.
    #[error("no mail can be made of it: {0}")]
    Malformed(String),
}

impl Sender {
    /// A sender by way of this mail server, which is not asked yet.
    pub fn new(config: &Smtp) -> Result<Self, SenderError> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
            .port(config.port)
            .tls(tls(config)?)
            .timeout(Some(STEP_PATIENCE))
            // Whom the mails come from is known there; the name of this machine need not be.
            .hello_name(ClientId::Domain(config.from.email.domain().to_owned()));
        let builder = match &config.login {
            None => builder,
            Some((user, password)) => {
                let password = password.expose_secret().to_owned();
                builder.credentials(Credentials::new(user.clone(), password))
            }
        };
        Ok(Self {
            transport: builder.build(),
            from: config.from.clone(),
        })
    }

    /// Hands over one mail.
    pub async fn send(&self, mail: &OutboxMail) -> Result<(), SendError> {
        let message = message(mail, &self.from).map_err(SendError::Malformed)?;
        let sent = tokio::time::timeout(PATIENCE, self.transport.send(message)).await;
        match sent.map_err(|_| SendError::TooSlow)? {
            Ok(_) => Ok(()),
            Err(error) if is_about_us(&error) => Err(SendError::Away(error)),
            Err(error) => Err(SendError::Refused(error)),
        }
    }
}

/// Whether the failure is none of the mail's: no connection, no service (RFC 5321 section 4.2.2), no login (RFC 4954 section 6).
fn is_about_us(error: &smtp::Error) -> bool {
    error
        .status()
        .is_none_or(|code| matches!(u16::from(code), 421 | 432 | 454 | 530 | 534 | 535 | 538))
}

fn tls(config: &Smtp) -> Result<Tls, SenderError> {
    if config.security == Security::None {
        return Ok(Tls::None);
    }
    let host = |error| SenderError::Host {
        host: config.host.clone(),
        error,
    };
    let mut parameters = TlsParameters::builder(config.host.clone());
    if let Some(file) = &config.ca {
        for certificate in certificates(file)? {
            parameters = parameters.add_root_certificate(certificate);
        }
    }
    let parameters = parameters.build().map_err(host)?;
    Ok(match config.security {
        Security::Tls => Tls::Wrapper(parameters),
        // Never plain: what a mail holds opens an account.
        Security::StartTls | Security::None => Tls::Required(parameters),
    })
}

/// Every certificate of the file.
fn certificates(file: &std::path::Path) -> Result<Vec<Certificate>, SenderError> {
    const END: &str = "-----END CERTIFICATE-----";
    let wrong = |error| SenderError::Ca {
        file: file.to_owned(),
        error,
    };
    let text = fs::read_to_string(file).map_err(wrong)?;
    let blocks = text
        .split_inclusive(END)
        .filter(|block| block.contains(END));
    let read: Result<Vec<_>, _> = blocks
        .map(|block| Certificate::from_pem(block.as_bytes()))
        .collect();
    match read {
        Ok(read) if !read.is_empty() => Ok(read),
        Ok(_) => Err(wrong(io::Error::other(
            "it holds no certificate in PEM form",
        ))),
        Err(error) => Err(wrong(io::Error::other(error))),
    }
}

/// The mail as it goes over the wire. It has the same id and date however often it is sent.
fn message(mail: &OutboxMail, from: &Mailbox) -> Result<Message, String> {
    let to: Address = mail
        .to
        .as_str()
        .parse()
        .map_err(|error| format!("{error}"))?;
    let id = format!("<{}@{}>", mail.id, from.email.domain());
    let date = UNIX_EPOCH + Duration::from_millis(mail.created_at.0.try_into().unwrap_or_default());
    let automatic = HeaderValue::new(
        HeaderName::new_from_ascii_str("Auto-Submitted"),
        "auto-generated".to_owned(),
    );
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(&mail.subject)
        .message_id(Some(id))
        .date(date)
        // Nobody's absence note answers it (RFC 3834).
        .raw_header(automatic)
        .header(ContentType::TEXT_PLAIN)
        .body(mail.body.clone())
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Email, MailId, Millis};

    fn mail(subject: &str) -> OutboxMail {
        OutboxMail {
            id: MailId::new(Millis(0)),
            to: "ada@example.com".parse().unwrap(),
            subject: subject.to_owned(),
            body: "Grüße\n\n.\nhttps://example.com/?token=a=b\n".to_owned(),
            attempts: 1,
            next_attempt_at: None,
            last_error: None,
            sent_at: None,
            created_at: Millis(1_900_000_000_000),
        }
    }

    fn lines(subject: &str) -> Vec<String> {
        let from = "MockBird <mocks@example.com>".parse().unwrap();
        let wire = message(&mail(subject), &from).unwrap().formatted();
        let (head, _) = std::str::from_utf8(&wire)
            .unwrap()
            .split_once("\r\n\r\n")
            .unwrap();
        head.replace("\r\n ", " ")
            .split("\r\n")
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn it_says_who_what_and_when() {
        let mut found = lines("Hello");
        found.retain(|line| !line.starts_with("Message-ID: <"));
        assert_eq!(
            found,
            [
                "From: MockBird <mocks@example.com>",
                "To: ada@example.com",
                "Subject: Hello",
                "Date: Sun, 17 Mar 2030 17:46:40 +0000",
                "Auto-Submitted: auto-generated",
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: quoted-printable",
            ]
        );
    }

    #[test]
    fn addresses_of_all_alphabets_can_be_written_to() {
        for to in ["jürgen@exämple.de", "お@例え.jp"] {
            assert!(can_be_written_to(to.parse().unwrap()), "{to}");
        }
    }

    proptest! {
        /// What is taken for an address at the door is none that no mail can be sent to.
        #[test]
        fn whoever_signs_up_can_be_written_to(text in "[!-~]{1,12}@[a-z0-9-]{1,12}\\.[a-z]{2,4}") {
            if let Ok(to) = text.parse() {
                prop_assert!(can_be_written_to(to));
            }
        }
    }

    fn can_be_written_to(to: Email) -> bool {
        let from = "mocks@example.com".parse().unwrap();
        let mail = OutboxMail {
            to,
            ..mail("Hello")
        };
        message(&mail, &from).is_ok()
    }

    /// Whatever the outbox holds, each mail has the headers that we gave it and no other.
    #[test]
    fn no_subject_becomes_a_header() {
        let count = lines("Hello").len();
        for subject in [
            "Hello\r\nBcc: eve@example.com",
            "Hello\nBcc: eve@example.com\n\nbody",
            "Hello\rBcc: eve@example.com",
            "Grüße\r\n\r\n.\r\nQUIT",
            "\0",
        ] {
            let lines = lines(subject);
            assert_eq!(lines.len(), count, "{lines:?}");
            assert!(
                !lines.iter().any(|line| line.starts_with("Bcc")),
                "{lines:?}"
            );
        }
    }
}
