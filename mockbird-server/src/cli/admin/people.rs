//! Accounts and who may do what; what is stopped.

use std::io::BufRead;

use super::{Failure, work};
use crate::app::{App, NewAccount, Stoppable};
use crate::domain::{Email, Name, Password, PlainToken, Plan, Slug};

/// How long a password is that we make: 120 random bits.
const PASSWORD_CHARS: usize = 20;

/// Where a password comes from.
#[derive(Debug, clap::Args)]
pub(super) struct Secret {
    /// Read the password from the standard input, its first line; otherwise one is made and printed
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct NewUser {
    /// Its e-mail address; it counts as proved
    email: Email,
    /// What it is called
    #[arg(long)]
    name: Option<Name>,
    #[command(flatten)]
    secret: Secret,
}

#[derive(Debug, clap::Args)]
pub(super) struct NewPassword {
    /// Whose
    email: Email,
    #[command(flatten)]
    secret: Secret,
}

#[derive(Debug, clap::Args)]
pub(super) struct NewOwner {
    /// Who
    email: Email,
    /// The slug of the organization
    organization: Slug,
}

#[derive(Debug, clap::Args)]
pub(super) struct NewPlan {
    /// The slug of the organization
    organization: Slug,
    /// What it pays for: free, pro, team or unlimited
    plan: Plan,
}

#[derive(Debug, clap::Args)]
pub(super) struct Target {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Nobody comes in as this user; its API keys go on
    User {
        /// Its e-mail address
        email: Email,
    },
    /// It can be read, but nothing in it changed; its mocks answer 410
    Organization {
        /// Its slug
        slug: Slug,
    },
    /// Its mocks answer 410
    Project {
        /// Its slug
        slug: Slug,
    },
}

impl Secret {
    /// The password, and what is to be printed of it.
    fn password(&self) -> Result<(Password, String), Failure> {
        let wrong = |why: &dyn std::fmt::Display| Failure::Usage(why.to_string());
        if self.password_stdin {
            let mut line = String::new();
            let read = std::io::stdin().lock().read_line(&mut line);
            read.map_err(|error| wrong(&error))?;
            let line = line.trim_end_matches(['\r', '\n']);
            let password = line.parse().map_err(|refusal| wrong(&refusal))?;
            return Ok((password, String::new()));
        }
        let random = PlainToken::random("");
        let text: String = random.reveal().chars().take(PASSWORD_CHARS).collect();
        let password = text.parse().map_err(|refusal| wrong(&refusal))?;
        Ok((password, format!("password: {text}\n")))
    }
}

impl NewUser {
    pub(super) async fn create(&self, app: &App) -> Result<String, Failure> {
        let (password, told) = self.secret.password()?;
        let account = NewAccount {
            email: self.email.clone(),
            password,
            name: self.name.clone(),
        };
        app.operator_account(&account).await.map_err(work)?;
        Ok(format!("{} has an account\n{told}", self.email))
    }
}

impl NewPassword {
    pub(super) async fn set(&self, app: &App) -> Result<String, Failure> {
        let (password, told) = self.secret.password()?;
        let set = app.operator_password(&self.email, &password);
        set.await.map_err(work)?;
        Ok(format!(
            "{} has another password, and its sessions are over\n{told}",
            self.email
        ))
    }
}

impl NewOwner {
    pub(super) async fn make(&self, app: &App) -> Result<String, Failure> {
        let made = app.operator_owner(&self.email, &self.organization);
        made.await.map_err(work)?;
        Ok(format!(
            "{} is an owner of {}\n",
            self.email, self.organization
        ))
    }
}

impl NewPlan {
    pub(super) async fn set(&self, app: &App) -> Result<String, Failure> {
        let set = app.operator_plan(&self.organization, self.plan);
        set.await.map_err(work)?;
        Ok(format!(
            "{} has the plan {}\n",
            self.organization, self.plan
        ))
    }
}

impl Target {
    pub(super) async fn suspend(&self, app: &App, suspended: bool) -> Result<String, Failure> {
        let (kind, name, what) = match &self.what {
            What::User { email } => ("user", email.as_str(), Stoppable::User(email.clone())),
            What::Organization { slug } => {
                let what = Stoppable::Organization(slug.clone());
                ("organization", slug.as_str(), what)
            }
            What::Project { slug } => {
                let what = Stoppable::Project(slug.clone());
                ("project", slug.as_str(), what)
            }
        };
        let done = app.operator_suspend(&what, suspended);
        done.await.map_err(work)?;
        let state = if suspended { "is stopped" } else { "goes on" };
        Ok(format!("the {kind} {name} {state}\n"))
    }
}

/// An example to try things with.
pub(super) async fn seed(app: &App, secret: &Secret) -> Result<String, Failure> {
    let (password, told) = secret.password()?;
    let made = app.operator_example(&password).await;
    let (members, slug) = made.map_err(work)?;
    let members = members.join(", ");
    Ok(format!(
        "{members} have an account\n{told}their project answers at /m/{slug}/birds\n"
    ))
}
