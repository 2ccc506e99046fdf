//! What is written to people.

use std::time::Duration;

use minijinja::{Environment, UndefinedBehavior, context};

use crate::domain::{Email, Month, Plan};
use crate::store::Mail;

/// What is written to somebody. The first line of its text is the subject.
#[derive(Clone, Copy, Debug)]
pub enum Letter<'a> {
    /// The link by which whoever forgot its password sets a new one.
    ResetPassword {
        /// Where it leads.
        link: &'a str,
        /// How long it is good.
        life: Duration,
    },
    /// The link that proves the address.
    VerifyEmail {
        /// Where it leads.
        link: &'a str,
        /// How long it is good.
        life: Duration,
    },
    /// Somebody signed up with an address that has an account.
    AccountExists,
    /// The password was changed.
    PasswordChanged,
    /// Somebody logged in on a device that was never seen before.
    NewDevice {
        /// What its program says of itself.
        device: &'a str,
        /// From where.
        address: &'a str,
    },
    /// An invitation into an organization.
    Invitation {
        /// What the organization is called.
        organization: &'a str,
        /// Who invites.
        inviter: &'a str,
        /// As what.
        role: &'a str,
        /// Where it is accepted or declined.
        link: &'a str,
        /// How long it is good.
        life: Duration,
    },
    /// Much of what a plan includes in a month is used, or all.
    Quota {
        /// What the organization is called.
        organization: &'a str,
        /// What it pays for.
        plan: Plan,
        /// How much of it is used: 100 is all.
        percent: u8,
        /// Requests that are used.
        requests: u64,
        /// Bytes that are used.
        bytes: u64,
        /// The month.
        month: Month,
    },
}

impl Letter<'_> {
    /// The mail to this address.
    ///
    /// ```
    /// use mockbird_server::mail::Letter;
    /// let mail = Letter::PasswordChanged.to(&"ada@example.com".parse()?);
    /// assert_eq!(mail.subject, "Your password was changed");
    /// # Ok::<(), mockbird_server::domain::Refusal>(())
    /// ```
    pub fn to(self, email: &Email) -> Mail {
        let text = self.text();
        // One line by its making: nothing in it can become a header.
        let (subject, body) = text.split_once('\n').unwrap_or((&text, ""));
        Mail {
            to: email.clone(),
            subject: subject.to_owned(),
            body: format!("{}\n", body.trim()),
        }
    }

    fn text(self) -> String {
        match self {
            Self::ResetPassword { link, life } => render(
                include_str!("texts/reset_password.txt"),
                context! { link, life => spoken(life) },
            ),
            Self::VerifyEmail { link, life } => render(
                include_str!("texts/verify_email.txt"),
                context! { link, life => spoken(life) },
            ),
            Self::AccountExists => render(include_str!("texts/account_exists.txt"), context! {}),
            Self::PasswordChanged => {
                render(include_str!("texts/password_changed.txt"), context! {})
            }
            Self::NewDevice { device, address } => render(
                include_str!("texts/new_device.txt"),
                context! { device => line(device), address },
            ),
            Self::Invitation {
                organization,
                inviter,
                role,
                link,
                life,
            } => render(
                include_str!("texts/invitation.txt"),
                context! {
                    organization => line(organization),
                    inviter => line(inviter),
                    role, link, life => spoken(life),
                },
            ),
            Self::Quota {
                organization,
                plan,
                percent,
                requests,
                bytes,
                month,
            } => {
                let text = if percent < 100 {
                    include_str!("texts/quota_near.txt")
                } else {
                    include_str!("texts/quota_used.txt")
                };
                let of = |used: u64, limit: Option<u64>| match limit {
                    Some(limit) => format!("{used} of {limit}"),
                    None => used.to_string(),
                };
                let allowance = plan.allowance();
                let values = context! {
                    organization => line(organization),
                    plan => plan.name(),
                    percent,
                    requests => of(requests, allowance.requests),
                    bytes => of(bytes, allowance.bytes),
                    until => format!("{}-01", month.next()),
                };
                render(text, values)
            }
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "the texts are part of the program, and a test renders each"
)]
fn render(text: &str, values: minijinja::Value) -> String {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
        .render_str(text, values)
        .expect("a text of ours is a good template")
}

/// What somebody else wrote, on one line: it must not look like a part of our text.
fn line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// A time as people say it: `1 hour`, `7 days`.
fn spoken(life: Duration) -> String {
    const UNITS: [(u64, &str); 3] = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let seconds = life.as_secs().max(1);
    let (size, unit) = UNITS
        .into_iter()
        .find(|(size, _)| seconds.is_multiple_of(*size))
        .unwrap_or((1, "second"));
    let plural = if seconds == size { "" } else { "s" };
    format!("{} {unit}{plural}", seconds / size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Millis;

    const LINK: &str = "https://birds.example.com/reset-password?token=mp_abc";

    #[test]
    fn every_letter_reads_well() {
        let life = Duration::from_hours(1);
        let quota = |percent, requests| Letter::Quota {
            organization: "Birds & Co.",
            plan: Plan::Free,
            percent,
            requests,
            bytes: 12_345_678,
            month: Month::of(Millis(1_900_000_000_000)),
        };
        let letters = [
            Letter::ResetPassword { link: LINK, life },
            Letter::VerifyEmail { link: LINK, life },
            Letter::AccountExists,
            Letter::PasswordChanged,
            Letter::NewDevice {
                device: "curl/8.5.0",
                address: "192.0.2.1",
            },
            Letter::Invitation {
                organization: "Birds & Co.",
                inviter: "ada@example.com",
                role: "admin",
                link: LINK,
                life: Duration::from_hours(7 * 24),
            },
            quota(90, 903),
            quota(100, 1_000),
        ];
        let shown = letters.map(|letter| {
            let mail = letter.to(&"eve@example.com".parse().unwrap());
            format!(
                "To: {}\nSubject: {}\n\n{}",
                mail.to, mail.subject, mail.body
            )
        });
        insta::assert_snapshot!(shown.join("\n=====\n\n"));
    }

    #[test]
    fn what_others_wrote_stays_on_its_line_and_is_no_template() {
        let letter = Letter::Invitation {
            organization: "Birds\r\nBcc: eve@example.com\n\n{{ link }}",
            inviter: "{% raw %}",
            role: "admin",
            link: LINK,
            life: Duration::from_mins(90),
        };
        let mail = letter.to(&"ada@example.com".parse().unwrap());
        assert!(
            mail.subject
                .contains("Birds  Bcc: eve@example.com  {{ link }}"),
            "{}",
            mail.subject
        );
        assert!(!mail.subject.contains(char::is_control));
        assert!(!mail.body.contains("\nBcc"), "{}", mail.body);
    }

    #[test]
    fn times_are_spoken() {
        for (seconds, words) in [
            (86_400, "1 day"),
            (7 * 86_400, "7 days"),
            (3_600, "1 hour"),
            (5_400, "90 minutes"),
            (61, "61 seconds"),
            (0, "1 second"),
        ] {
            assert_eq!(spoken(Duration::from_secs(seconds)), words);
        }
    }
}
