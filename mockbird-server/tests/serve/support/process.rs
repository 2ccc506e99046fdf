//! The command as a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

/// `mockbird` with these arguments, in this folder, with an environment that says nothing of databases.
pub(crate) fn mockbird(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mockbird"));
    command
        .current_dir(folder)
        .args(arguments)
        .env_remove("DATABASE_URL")
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// `mockbird serve` with these arguments.
pub(crate) fn serve(folder: &Path, arguments: &[&str]) -> Command {
    mockbird(folder, &[&["serve"], arguments].concat())
}

/// A running `mockbird serve`, and all it printed until it was ready.
pub(crate) struct Serving {
    child: Child,
    _output: BufReader<ChildStdout>,
    pub(crate) printed: String,
    pub(crate) address: SocketAddr,
}

impl Serving {
    /// On a free port, with its data in `data`.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        let fixed = ["--port", "0", "--data-dir", "data"];
        let mut child = serve(folder, &[&fixed[..], arguments].concat())
            // Nobody reads what it says there while it runs, and a full pipe would hold it up.
            .stderr(std::fs::File::create(folder.join("log")).unwrap())
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
        let address = printed.rsplit("http://").next().unwrap().trim();
        Self {
            child,
            _output: output,
            address: address.parse().unwrap(),
            printed,
        }
    }

    pub(crate) fn get(&self, target: &str) -> String {
        let stream = TcpStream::connect(self.address).unwrap();
        ask(stream, self.address, target).unwrap()
    }

    /// Asks it to stop as a system does.
    pub(crate) fn terminate(self) -> Output {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(&id).status().unwrap().success());
        self.child.wait_with_output().unwrap()
    }

    /// Ends it without a word (`kill -9`).
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// The reply to one request; none if the connection ends before it has begun.
pub(crate) fn ask(mut stream: TcpStream, host: SocketAddr, target: &str) -> Option<String> {
    let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let mut reply = String::new();
    let read = stream
        .write_all(request.as_bytes())
        .and_then(|()| stream.read_to_string(&mut reply));
    if reply.is_empty() {
        return None;
    }
    read.unwrap();
    Some(reply)
}
