//! `mockbird admin`: what an operator does at the command line, whether a server runs on the database or not.

mod outbox;
mod people;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::{Failure, Outcome, print};
use crate::app::{App, SigningSecret};
use crate::config::{Config, Engine, Sources};
use crate::domain::Clock;
use crate::logs::Logs;
use crate::nodes::Nodes;
use crate::store::{self, Store};

const EXAMPLES: &str = "\
Examples:
  mockbird admin create-user ada@example.com --name 'Ada Lovelace'
  mockbird admin make-owner ada@example.com birds
  mockbird admin set-plan birds pro        what it has used this month counts on
  mockbird admin suspend project shop      its mocks answer 410, everywhere within about a second
  mockbird admin stats                     how much there is of what
  mockbird admin mail                      what waits for a mail server, or went to it
  mockbird admin backup birds.backup       the whole database as one file, while the server runs
  mockbird admin restore birds.backup      a new database from it

It reads the settings of `mockbird serve`: flags here, environment, file. Run it as the user that the server runs as.";

/// Look after a service: accounts, mails, backups
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub(super) struct Args {
    /// The file of settings; `mockbird.toml` if it is there
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,

    /// The database, as for `mockbird serve`
    #[arg(long, value_name = "URL", global = true)]
    database_url: Option<String>,

    /// The folder of the signing secret and of the SQLite database
    #[arg(long, value_name = "FOLDER", global = true)]
    data_dir: Option<String>,

    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    #[command(flatten)]
    Inside(Inside),
    /// Copy the database into a new file
    Backup {
        /// The file; it must not be there yet
        file: PathBuf,
    },
    /// Make a new database of a backup; there must be none yet
    Restore {
        /// The file that `mockbird admin backup` made
        file: PathBuf,
    },
}

/// What is done inside of the database.
#[derive(Debug, Subcommand)]
enum Inside {
    /// Make an account, even where nobody may sign up
    CreateUser(people::NewUser),
    /// Give a user another password, and end all its sessions
    ResetPassword(people::NewPassword),
    /// Make a user an owner of an organization
    MakeOwner(people::NewOwner),
    /// Give an organization another plan
    SetPlan(people::NewPlan),
    /// Stop a user, an organization or a project
    Suspend(people::Target),
    /// Let go on what was stopped
    Resume(people::Target),
    /// Make an example: an organization with a member of each role, and a project
    Seed(people::Secret),
    /// Show the mails of the outbox, the latest first
    Mail {
        /// Which page, of 20 mails each
        #[arg(long, value_name = "NUMBER", default_value_t = 1)]
        page: u32,
    },
    /// Count what there is
    Stats,
    /// Give back the room of what was deleted; a running server waits meanwhile
    Vacuum,
}

pub(super) fn admin(args: &Args) -> Outcome {
    let config = Config::read(&args.sources())
        .map_err(|faults| Failure::Usage(format!("the configuration is wrong\n{faults}")))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(work)?;
    let said = runtime.block_on(args.task.run(config))?;
    print(&said)?;
    Ok(ExitCode::SUCCESS)
}

/// An error, with its causes where it does not tell them itself.
fn work(error: impl std::error::Error) -> Failure {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !told.contains(&text) {
            told = format!("{told}: {text}");
        }
        cause = error.source();
    }
    Failure::Work(told)
}

impl Args {
    fn sources(&self) -> Sources {
        let flags = [
            ("database-url", &self.database_url),
            ("data-dir", &self.data_dir),
        ];
        let flags = flags.into_iter().filter_map(|(flag, value)| {
            let value = value.clone()?;
            Some((flag.to_owned(), value))
        });
        let flags: Vec<_> = flags.collect();
        Sources::of_process(self.config.as_deref(), &flags)
    }
}

impl Task {
    /// Does it, and tells what was done.
    async fn run(&self, config: Config) -> Result<String, Failure> {
        let engine = &config.database.engine;
        match self {
            // The tables stay as they are: a backup is taken before an upgrade.
            Self::Backup { file } => {
                store::backup(engine, file).await.map_err(work)?;
                let secret = config.listen.data_dir.join(SigningSecret::FILE);
                Ok(format!(
                    "{} holds the database, but not {}: without it, everybody has to log in again\n",
                    file.display(),
                    secret.display(),
                ))
            }
            Self::Restore { file } => {
                store::restore(engine, file).await.map_err(work)?;
                Ok(format!("the database is that of {}\n", file.display()))
            }
            Self::Inside(task) => {
                let app = open(config, task).await?;
                let said = task.run(&app).await;
                app.store().close().await;
                said
            }
        }
    }
}

/// Everything but sockets. A database that is not there is hardly the one that was meant, unless something begins with it.
async fn open(config: Config, task: &Inside) -> Result<App, Failure> {
    if let Engine::Sqlite(file) = &config.database.engine
        && !task.may_begin()
        && !file.exists()
    {
        let file = file.display();
        let why = format!("there is no database at {file}: name its folder with --data-dir");
        return Err(Failure::Work(why));
    }
    let secret = SigningSecret::load(&config.listen.data_dir).map_err(work)?;
    let store = Store::open(&config.database).await.map_err(work)?;
    let (logs, nodes) = (Logs::off(), Nodes::default());
    Ok(App::new(config, store, Clock::System, secret, logs, nodes))
}

impl Inside {
    /// Whether it makes sense on a new database.
    fn may_begin(&self) -> bool {
        matches!(self, Self::CreateUser(_))
    }

    async fn run(&self, app: &App) -> Result<String, Failure> {
        match self {
            Self::CreateUser(new) => new.create(app).await,
            Self::ResetPassword(new) => new.set(app).await,
            Self::MakeOwner(new) => new.make(app).await,
            Self::SetPlan(new) => new.set(app).await,
            Self::Suspend(target) => target.suspend(app, true).await,
            Self::Resume(target) => target.suspend(app, false).await,
            Self::Seed(secret) => people::seed(app, secret).await,
            Self::Mail { page } => outbox::show(app.store(), *page).await,
            Self::Stats => stats(app.store()).await,
            Self::Vacuum => {
                app.store().vacuum().await.map_err(work)?;
                Ok("done\n".to_owned())
            }
        }
    }
}

async fn stats(store: &Store) -> Result<String, Failure> {
    let mut read = store.snapshot().await.map_err(work)?;
    let stats = read.stats().await.map_err(work)?;
    let lines = stats
        .iter()
        .map(|(name, count)| format!("{name:15} {count:>12}\n"));
    Ok(lines.collect())
}
