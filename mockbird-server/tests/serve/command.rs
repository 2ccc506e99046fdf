//! The command itself: what it prints, makes, refuses, and how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use mockbird_server::config::Database;
use mockbird_server::domain::Page;
use mockbird_server::store::Store;
use serde_json::{Value, json};

use crate::support::app::PASSWORD;

fn mockbird(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mockbird"));
    command
        .current_dir(folder)
        .arg("serve")
        .args(arguments)
        .env_remove("DATABASE_URL")
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A running `mockbird serve`, and all it printed until it was ready.
struct Serving {
    child: Child,
    _output: BufReader<ChildStdout>,
    printed: String,
    address: String,
}

impl Serving {
    fn start(folder: &Path) -> Self {
        Self::of(&mut mockbird(
            folder,
            &["--port", "0", "--data-dir", "data"],
        ))
    }

    fn of(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut printed = String::new();
        while !printed.contains("listening on http://") {
            assert!(
                output.read_line(&mut printed).unwrap() > 0,
                "it ended: {printed}"
            );
        }
        let address = printed.rsplit("http://").next().unwrap().trim().to_owned();
        Self {
            child,
            _output: output,
            printed,
            address,
        }
    }

    fn get(&self, target: &str) -> String {
        self.exchange(&format!(
            "GET {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        ))
    }

    fn post(&self, target: &str, body: &Value) -> String {
        let body = body.to_string();
        self.exchange(&format!(
            "POST {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        ))
    }

    fn exchange(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply
    }

    /// Asks it to stop as a system does.
    fn terminate(mut self) -> Output {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(&id).status().unwrap().success());
        let status = self.child.wait().unwrap();
        let mut stderr = Vec::new();
        if let Some(mut pipe) = self.child.stderr.take() {
            pipe.read_to_end(&mut stderr).unwrap();
        }
        Output {
            status,
            stdout: Vec::new(),
            stderr,
        }
    }
}

#[test]
fn it_starts_with_nothing_answers_ends_and_starts_again() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path());
    let address = &serving.address;
    assert!(
        serving
            .printed
            .contains(&format!("API docs       http://{address}/api/docs\n")),
        "{}",
        serving.printed
    );
    assert!(
        serving
            .printed
            .contains(&format!("http://{address}/m/demo/hello/you\n")),
        "{}",
        serving.printed
    );
    assert!(serving.get("/m/demo/hello/you").contains("Hello you"));
    let secret = std::fs::read(folder.path().join("data/signing-secret")).unwrap();
    assert!(folder.path().join("data/mockbird.db").is_file());
    let ended = serving.terminate();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");

    let again = Serving::start(folder.path());
    assert!(again.get("/m/demo/birds/dodo").contains("extinct"));
    assert_eq!(
        std::fs::read(folder.path().join("data/signing-secret")).unwrap(),
        secret
    );
    again.terminate();
}

#[test]
fn a_wrong_configuration_is_refused_with_all_its_faults() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("mockbird.toml"),
        "port = 'high'\nmax_conections = 3\n",
    )
    .unwrap();
    let refused = mockbird(folder.path(), &["--log-format", "xml"])
        .env("MOCKBIRD_REGISTRATION", "perhaps")
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    insta::assert_snapshot!(String::from_utf8(refused.stderr).unwrap());
    assert!(
        !folder.path().join("mockbird-data").exists(),
        "nothing is made"
    );
}

#[test]
fn its_help_lists_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    let help = mockbird(folder.path(), &["--help"]).output().unwrap();
    assert!(help.status.success());
    insta::assert_snapshot!(String::from_utf8(help.stdout).unwrap());
}

/// The token of the latest mail in the outbox of this folder.
fn mailed_token(folder: &Path) -> String {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mails = runtime.block_on(async {
        let database = Database::sqlite(folder.join("data/mockbird.db"));
        let store = Store::open(&database).await.unwrap();
        let mut read = store.read().await.unwrap();
        read.mail_list(Page::new(None, None).unwrap())
            .await
            .unwrap()
    });
    let (_, rest) = mails.items[0].body.split_once("?token=").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

#[test]
fn secrets_are_never_logged() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let arguments = ["--port", "0", "--data-dir", "data", "--log-level", "trace"];
    let mut command = mockbird(folder.path(), &arguments);
    let serving = Serving::of(command.stderr(std::fs::File::create(&log).unwrap()));
    let email = "ada@example.com";
    serving.post(
        "/api/auth/register",
        &json!({"email": email, "password": PASSWORD}),
    );
    serving.post("/api/auth/forgot-password", &json!({"email": email}));
    let token = mailed_token(folder.path());
    serving.get(&format!("/reset-password?token={token}"));
    let reset = json!({"token": token, "password": "battery staple"});
    let reply = serving.post("/api/auth/reset-password", &reset);
    assert!(reply.starts_with("HTTP/1.1 204"), "{reply}");
    serving.terminate();
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("/api/auth/forgot-password"), "{log}");
    for secret in [token.as_str(), PASSWORD, "battery staple"] {
        assert!(!log.contains(secret), "{log}");
    }
}
