//! A mail server of its own for a test.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tokio::sync::mpsc;

/// What names a Python that has aiosmtpd.
const PYTHON: &str = "MOCKBIRD_TEST_SMTP";

/// A running mail server.
pub(crate) struct MailServer {
    pub(crate) port: u16,
    child: Child,
    told: mpsc::UnboundedReceiver<Value>,
}

impl MailServer {
    /// One that takes every mail.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// One with these options of `smtp.py`.
    pub(crate) async fn with(options: &[&str]) -> Self {
        let python = std::env::var(PYTHON).unwrap_or_else(|_| {
            panic!(
                "{PYTHON} names no Python with aiosmtpd: run `bash .ci/smtp bash .ci/postgres cargo test -p mockbird-server --test serve`"
            )
        });
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/support/smtp.py");
        let mut child = Command::new(python)
            .arg(script)
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (teller, mut told) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // A test that ended listens no more.
                let _ = teller.send(serde_json::from_str(&line).unwrap());
            }
        });
        let first: Value = told.recv().await.unwrap();
        Self {
            port: first["port"].as_u64().unwrap().try_into().unwrap(),
            child,
            told,
        }
    }

    /// The next mail that it took or refused, once it did.
    pub(crate) async fn next(&mut self) -> Value {
        self.told.recv().await.unwrap()
    }

    /// Ends it; every mail that it took and nobody looked at.
    pub(crate) async fn stop(mut self) -> Vec<Value> {
        drop(self.child.stdin.take());
        let mut rest = Vec::new();
        while let Some(value) = self.told.recv().await {
            rest.push(value);
        }
        self.child.wait().unwrap();
        rest
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
