//! A server of its own for a test, and a client that sends what it is told, byte for byte.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub(crate) use crate::over_http::Reply;

/// Long enough for a busy machine; nothing waits this long unless it fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A folder with mock files.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let all = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            all.write(name, text);
        }
        all
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }
}

/// `mockbird` with these arguments, to its end, in `folder`.
pub(crate) fn mockbird(folder: &Files, arguments: &[&str]) -> Output {
    mockbird_with_input(folder, arguments, "")
}

pub(crate) fn mockbird_with_input(folder: &Files, arguments: &[&str], input: &str) -> Output {
    let mut child = command(folder.0.path(), arguments)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may be gone before it is written.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mockbird"));
    command
        .current_dir(folder)
        .args(arguments)
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .env("TZ", "UTC");
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A running `mockbird run`.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    printed: Arc<Printed>,
}

#[derive(Default)]
struct Printed {
    text: Mutex<String>,
    more: Condvar,
}

impl Server {
    /// Serves these files of `folder` on a free port.
    pub(crate) fn start(folder: &Files, arguments: &[&str]) -> Self {
        let all = [&["run", "--port", "0"], arguments].concat();
        let mut child = command(folder.0.path(), &all)
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let printed = Arc::new(Printed::default());
        let (out, to) = (child.stdout.take().unwrap(), Arc::clone(&printed));
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                to.text.lock().unwrap().push_str(&(line + "\n"));
                to.more.notify_all();
            }
        });
        let mut server = Self {
            child,
            port: 0,
            printed,
        };
        let text = server.wait_for("listening on http://");
        let address = text
            .split("listening on http://")
            .nth(1)
            .unwrap()
            .lines()
            .next()
            .unwrap();
        server.port = address.rsplit(':').next().unwrap().parse().unwrap();
        server
    }

    /// Serves one JSON spec with these mocks.
    pub(crate) fn with_mocks(mocks: &str, arguments: &[&str]) -> (Self, Files) {
        let files = Files::new(&[("mocks.json", &spec(mocks))]);
        let arguments = [&["mocks.json"], arguments].concat();
        (Self::start(&files, &arguments), files)
    }

    /// All that was printed, once `text` is in it.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.wait_until(|printed| printed.contains(text), text)
    }

    pub(crate) fn wait_until(&self, enough: impl Fn(&str) -> bool, what: &str) -> String {
        let printed = self.printed.text.lock().unwrap();
        let wait = self
            .printed
            .more
            .wait_timeout_while(printed, PATIENCE, |printed| !enough(printed))
            .unwrap();
        assert!(
            !wait.1.timed_out(),
            "`{what}` was never printed:\n{}",
            wait.0
        );
        wait.0.clone()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends these bytes on a connection of their own; the reply, read until the server closes.
    pub(crate) fn send(&self, bytes: &[u8]) -> Reply {
        let mut stream = self.connect();
        // A server that refuses may close before it has read everything.
        let _ = stream.write_all(bytes);
        Reply::read(&mut stream)
    }

    pub(crate) fn get(&self, target: &str) -> Reply {
        self.send(
            format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
                .as_bytes(),
        )
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([name, &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Waits until the process ends; its exit code.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the server did not end");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A spec with these mocks, as JSON.
pub(crate) fn spec(mocks: &str) -> String {
    format!(r#"{{"name": "test", "mocks": [{mocks}]}}"#)
}

/// A mock that answers `GET path` with a text.
pub(crate) fn text_mock(path: &str, body: &str) -> String {
    format!(r#"{{"path": "{path}", "responses": [{{"body": "{body}"}}]}}"#)
}

impl Reply {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The code of an error in our form, with the rest of the form checked.
    pub(crate) fn error_code(&self) -> String {
        let json: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(self.header("access-control-allow-origin"), Some("*"));
        assert_eq!(
            self.header("content-length"),
            Some(&*self.body.len().to_string())
        );
        assert!(
            json["message"].is_string() && json["documentation_url"].is_string(),
            "{json}"
        );
        json["error"].as_str().unwrap().to_owned()
    }
}
