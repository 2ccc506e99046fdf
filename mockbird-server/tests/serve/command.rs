//! The command itself: what it prints, makes, refuses, and how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

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
        let mut child = mockbird(folder, &["--port", "0", "--data-dir", "data"])
            .spawn()
            .unwrap();
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
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        );
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
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_end(&mut stderr)
            .unwrap();
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
