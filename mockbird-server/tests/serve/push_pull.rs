//! `mockbird push` and `mockbird pull`, as processes against a server.

use std::path::Path;
use std::process::Output;

use mockbird_testkit::prelude::{get, header, header as with_header, post};
use mockbird_testkit::{Fault, MockServer};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::app::{Login, TestApp};
use crate::support::database::app_test;
use crate::support::process::mockbird;

/// A key of the account's own organization.
async fn key(app: &TestApp, login: &Login, role: &str) -> String {
    let route = format!("POST /api/orgs/{}/api-keys", login.organization());
    let wish = json!({"name": "push", "permissions": [role]});
    let made = app.call_as(login.access(), &route, wish).await.json();
    made["key"]
        .as_str()
        .unwrap_or_else(|| panic!("{made}"))
        .to_owned()
}

/// Somebody at a command line.
struct Shell {
    folder: TempDir,
    server: String,
    key: String,
}

/// How a command ended.
struct Ended {
    code: i32,
    said: String,
}

impl Shell {
    fn new(server: &str, key: &str) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            server: server.to_owned(),
            key: key.to_owned(),
        }
    }

    async fn of(app: &TestApp, login: &Login) -> Self {
        Self::new(
            &format!("http://{}", app.address),
            &key(app, login, "write").await,
        )
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs a command; whatever it says, the key is not in it.
    async fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = mockbird(self.folder.path(), arguments);
        if !arguments.contains(&"--server") {
            command.args(["--server", &self.server]);
        }
        command.env("MOCKBIRD_KEY", &self.key);
        // The server runs on this thread.
        let output = tokio::task::spawn_blocking(move || command.output());
        self.ended(&output.await.unwrap().unwrap())
    }

    fn ended(&self, output: &Output) -> Ended {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        let said = format!("{out}{err}").replace(&self.server, "SERVER");
        assert!(self.key.is_empty() || !said.contains(&self.key), "{said}");
        Ended {
            code: output.status.code().unwrap(),
            said,
        }
    }
}

const BIRDS: &str = "\
name: Birds
slug: birds
isPublic: true
mocks:
  - {path: /owl, responses: [{bodyFile: owl.txt}]}
  - {path: '/wren/{name}', name: wren, responses: [{body: {song: trill, beat: 1.10}}]}
  - {method: POST, path: /photo, responses: [{bodyFile: photo.bin}]}
";

app_test! {
    async fn a_file_becomes_a_project_and_changes_it(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shell = Shell::of(app, &ada).await;
        shell.write("birds.yaml", BIRDS);
        shell.write("owl.txt", "hoo");
        shell.write("photo.bin", [0, 255]);

        let asked = shell.run(&["push", "birds.yaml"]).await;
        assert_eq!(asked.code, 1, "nobody can be asked");
        insta::assert_snapshot!("new", asked.said);
        assert_eq!(app.get("/m/birds/owl").await.status, 404);
        assert_eq!(shell.run(&["push", "birds.yaml", "--dry-run"]).await.code, 0);
        assert_eq!(app.get("/m/birds/owl").await.status, 404);

        let made = shell.run(&["push", "birds.yaml", "--yes"]).await;
        assert_eq!(made.code, 0, "{}", made.said);
        insta::assert_snapshot!("made", made.said);
        assert_eq!(app.get("/m/birds/owl").await.body, "hoo");
        assert_eq!(app.get("/m/birds/wren/a").await.body, r#"{"song":"trill","beat":1.10}"#);
        let photo = app.call("POST /m/birds/photo", &[], Value::Null).await;
        assert_eq!(photo.body, &[0, 255][..]);

        let again = shell.run(&["push", "birds.yaml"]).await;
        assert_eq!(again.code, 0);
        insta::assert_snapshot!("same", again.said);

        let other = "\
name: Birds of prey
slug: birds
mocks:
  - {path: '/wren/{name}', name: wren, responses: [{statusCode: 202, body: {song: trill, beat: 1.1}}]}
  - {path: /owl, responses: [{bodyFile: owl.txt}]}
  - {path: /kite, responses: [{body: kee}]}
";
        shell.write("birds.yaml", other);
        let looked = shell.run(&["push", "birds.yaml", "--dry-run"]).await;
        assert_eq!(looked.code, 0);
        insta::assert_snapshot!("changed", looked.said);
        assert_eq!(app.get("/m/birds/kite").await.status, 404);
        let done = shell.run(&["push", "birds.yaml", "-y"]).await;
        assert_eq!(done.code, 0, "{}", done.said);
        assert!(done.said.starts_with(&looked.said) && done.said.contains("done: "), "{}", done.said);
        assert_eq!(app.get("/m/birds/kite").await.body, "kee");
        assert_eq!(app.get("/m/birds/wren/a").await.status, 202);
    }
}

app_test! {
    async fn what_was_pulled_differs_in_nothing(app: TestApp) {
        let ada = app.register("ada@example.com").await;
        let shell = Shell::of(app, &ada).await;
        shell.write("birds.json", r#"{"name": "Birds", "mocks": [{"path": "/owl", "responses": [{"body": {"a": 1.10}}]}]}"#);
        let made = shell.run(&["push", "birds.json", "--project", "prey", "-y"]).await;
        assert_eq!(made.code, 0, "{}", made.said);

        let printed = shell.run(&["pull", "prey"]).await;
        assert!(printed.code == 0 && printed.said.contains("1.10"), "{}", printed.said);
        let saved = shell.run(&["pull", "prey", "-o", "prey.json"]).await;
        assert_eq!(saved.said, "prey.json: 16 lines\n");
        assert_eq!(shell.read("prey.json"), printed.said);
        let same = shell.run(&["push", "prey.json"]).await;
        assert!(same.code == 0 && same.said.contains("nothing differs"), "{}", same.said);

        shell.write("prey.json", "mine");
        let refused = shell.run(&["pull", "prey", "-o", "prey.json"]).await;
        assert_eq!((refused.code, shell.read("prey.json").as_str()), (1, "mine"));
        assert_eq!(refused.said, "error: cannot write prey.json: it is there already: --force replaces it\n");
        let forced = shell.run(&["pull", "prey", "-o", "prey.json", "--force"]).await;
        assert_eq!((forced.code, shell.read("prey.json")), (0, printed.said));
        let left: Vec<_> = std::fs::read_dir(shell.folder.path()).unwrap().collect();
        assert_eq!(left.len(), 2, "{left:?}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let app = TestApp::start().await;
    let ada = app.register("ada@example.com").await;
    let shell = Shell::of(&app, &ada).await;
    let good = "name: Birds\nmocks: [{path: /owl, responses: [{body: hoo}]}]\n";
    shell.write("good.yaml", good);
    shell.write(
        "bad.yaml",
        "name: Birds\nmocks:\n  - {path: owl, responses: [{body: hoo}]}\n",
    );
    shell.write("slow.yaml", "name: Birds\nmocks:\n  - path: /owl\n    responseDelay: 10001\n    responses: [{body: hoo}]\n");
    assert_eq!(shell.run(&["push", "good.yaml", "-y"]).await.code, 0);
    let bob = app.register("bob@example.com").await;
    let bobs = Shell::of(&app, &bob).await;
    bobs.write("good.yaml", good);
    let reader = Shell::new(&shell.server, &key(&app, &ada, "read").await);
    reader.write("good.yaml", good.replace("hoo", "hu"));
    let nobody = Shell::new(&shell.server, "mk_nobody");
    let keyless = Shell::new(&shell.server, "");
    keyless.write("good.yaml", good);

    let mut told = String::new();
    for (shell, code, line) in [
        (&shell, 1, "push bad.yaml"),
        (&shell, 2, "push none.yaml"),
        (&shell, 1, "push slow.yaml -y"),
        (&shell, 2, "push good.yaml --project No!"),
        (&shell, 2, "push good.yaml --server ftp://a"),
        (&shell, 2, "push good.yaml --server http://ada:secret@a"),
        (&shell, 1, "push good.yaml --server http://127.0.0.1:1"),
        (&bobs, 1, "push good.yaml -y"),
        (&reader, 1, "push good.yaml -y"),
        (&nobody, 1, "pull birds"),
        (&keyless, 2, "push good.yaml"),
        (&shell, 1, "pull bats"),
        (&bobs, 1, "pull birds"),
        (&shell, 1, "pull birds -o none/birds.json"),
        (&shell, 2, "pull birds --force"),
    ] {
        let ended = shell.run(&line.split(' ').collect::<Vec<_>>()).await;
        assert_eq!(ended.code, code, "{line}: {}", ended.said);
        assert!(!ended.said.contains("secret"), "{}", ended.said);
        told.extend(["$ mockbird ", line, "\n", ended.said.trim_end(), "\n"]);
    }
    insta::assert_snapshot!(told);
    assert_eq!(
        app.get("/m/birds/owl").await.status,
        401,
        "it is private, and there"
    );
}

/// What a server answers that has one project, which would get one mock.
fn has_project(server: &MockServer) {
    let project =
        json!({"id": "7", "slug": "birds", "name": "Birds", "url": "http://mocks/m/birds"});
    let key = with_header("x-api-key", "mk_secret");
    let list = json!({"items": [project]});
    server.mount(
        get("/base/api/projects")
            .query("slug", "birds")
            .when(key)
            .json(list)
            .expect(1),
    );
    let diff = json!({"dryRun": true, "project": project, "about": [], "changed": [], "removed": [], "unchanged": 0,
        "isReordered": false, "warnings": [],
        "added": [{"name": null, "method": "GET", "path": "/owl", "differences": []}]});
    let dry = post("/base/api/projects/7/import").query("dryRun", "true");
    server.mount(dry.json(diff).reply_header("etag", "\"3\"").expect(1));
}

const OWL: &str =
    r#"{"name": "Birds", "mocks": [{"path": "/owl", "responses": [{"body": "hoo"}]}]}"#;

#[tokio::test]
async fn a_change_in_between_is_not_written_over() {
    let server = MockServer::start();
    has_project(&server);
    let changed = json!({"error": "PRECONDITION_FAILED", "message": "it has version 4", "documentation_url": "/docs"});
    server.mount(
        post("/base/api/projects/7/import")
            .when(header("if-match", "\"3\""))
            .status(412)
            .json(changed)
            .priority(1)
            .expect(1),
    );
    let shell = Shell::new(&server.url("/base/"), "mk_secret");
    shell.write("birds.json", OWL);
    let ended = shell.run(&["push", "birds.json", "-y"]).await;
    assert_eq!(ended.code, 1);
    insta::assert_snapshot!(ended.said, @"
    project birds (Birds) at http://mocks/m/birds
      + GET /owl
    mocks: 1 added
    error: the project was changed meanwhile, and nothing was changed by this: push again to see what differs now
    ");
}

#[tokio::test]
async fn a_key_goes_to_nobody_else() {
    let other = MockServer::start();
    let server = MockServer::start();
    server.mount(
        get("/api/projects")
            .status(307)
            .reply_header("location", &other.url("/api/projects")),
    );
    let shell = Shell::new(&server.url(""), "mk_secret");
    let ended = shell.run(&["pull", "birds"]).await;
    assert_eq!(ended.code, 1);
    insta::assert_snapshot!(ended.said.replace(&other.url(""), "OTHER"), @"error: cannot ask SERVER: it sends on to OTHER/api/projects; if that is the server, name it with --server");
    assert!(other.received_requests().is_empty());
}

/// The reply to what makes a project may be lost: it is asked for again, as the same wish.
#[tokio::test]
async fn a_lost_reply_makes_nothing_twice() {
    let server = MockServer::start();
    server.mount(get("/api/projects").json(r#"{"items": []}"#));
    let import =
        || post("/api/projects/import").matching(|asked| asked.header("idempotency-key").is_some());
    let made =
        json!({"id": "p", "slug": "a", "name": "a", "url": "http://mocks/m/a", "warnings": []});
    server.mount(import().status(201).json(&made));
    server.mount(import().fault(Fault::Close).at_most(1));
    let shell = Shell::new(&server.url(""), "mk_secret");
    shell.write("a.yaml", "{name: a, mocks: []}");
    let ended = shell.run(&["push", "a.yaml", "--yes"]).await;
    assert_eq!(ended.code, 0, "{}", ended.said);
    let sent = server.received_requests();
    let keys: Vec<_> = sent
        .iter()
        .filter_map(|one| one.header("idempotency-key"))
        .collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
}

#[tokio::test]
async fn what_others_answer_is_no_mess() {
    let mut told = String::new();
    for (status, body) in [
        (502, "<html>bad gateway \u{1b}[31m"),
        (200, "[]"),
        (
            401,
            r#"{"error": "UNAUTHORIZED", "message": "nobody has the key mk_secret \u001b[31m"}"#,
        ),
    ] {
        let server = MockServer::start();
        server.mount(get("/api/projects").status(status).text(body));
        let shell = Shell::new(&server.url(""), "mk_secret");
        let ended = shell.run(&["pull", "birds"]).await;
        assert_eq!(ended.code, 1);
        told += &ended.said;
    }
    insta::assert_snapshot!(told, @r"
    error: cannot ask SERVER: it answers 502 Bad Gateway, and not as a MockBird server does
    error: what the server says of projects is not understood: is it a MockBird of another version?
    error: nobody has the key <key> \u{1b}[31m (UNAUTHORIZED)
    ");
}

#[tokio::test]
async fn it_speaks_tls_with_whom_the_system_trusts() {
    let server = MockServer::builder().tls().start();
    server.mount(get("/api/projects").json(r#"{"items": []}"#).expect(1));
    let shell = Shell::new(&server.url(""), "mk_secret");
    let distrusted = shell.run(&["pull", "birds"]).await;
    assert_eq!(distrusted.code, 1);
    assert!(
        distrusted.said.contains("certificate"),
        "{}",
        distrusted.said
    );
    shell.write("ca.pem", server.certificate_authority().pem());
    let ended = trusting(&shell, Path::new("ca.pem")).await;
    assert!(
        ended.code == 1 && ended.said.contains("the key sees no project"),
        "{}",
        ended.said
    );
}

async fn trusting(shell: &Shell, authority: &Path) -> Ended {
    let mut command = mockbird(
        shell.folder.path(),
        &["pull", "birds", "--server", &shell.server],
    );
    command
        .env("MOCKBIRD_KEY", &shell.key)
        .env("SSL_CERT_FILE", authority);
    let output = tokio::task::spawn_blocking(move || command.output());
    shell.ended(&output.await.unwrap().unwrap())
}
