//! A server of its own for a test, and a client that asks it.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use mockbird_server::app::App;
use mockbird_server::config::{Config, Engine, Sources};
use mockbird_server::domain::{Clock, Page, Role};
use mockbird_server::serve::{Listeners, ServeError, run};
use mockbird_server::store::OutboxMail;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::client::{self, Reply};
use super::database::TestDatabase;

/// A running server.
pub(crate) struct TestApp {
    pub(crate) app: App,
    pub(crate) address: SocketAddr,
    admin: SocketAddr,
    shutdown: oneshot::Sender<()>,
    task: JoinHandle<Result<(), ServeError>>,
    database: TestDatabase,
    data: Arc<TempDir>,
}

/// Tests come from one address, and more often than people.
const OFTEN: &[(&str, &str)] = &[
    ("rates-login-address", "10000/second"),
    ("rates-login-account", "10000/second"),
    ("rates-register", "10000/second"),
    ("rates-reset", "10000/second"),
    ("rates-refresh", "10000/second"),
    ("rates-invitation", "10000/second"),
    ("rates-api", "10000/second"),
    ("rates-api-address", "10000/second"),
];

/// The password of every account in the tests.
pub(crate) const PASSWORD: &str = "correct horse";

/// What register, login and refresh answered.
#[derive(Debug)]
pub(crate) struct Login(pub(crate) Value);

impl Login {
    pub(crate) fn access(&self) -> &str {
        self.0["accessToken"].as_str().unwrap()
    }

    pub(crate) fn refresh(&self) -> &str {
        self.0["refreshToken"].as_str().unwrap()
    }

    pub(crate) fn organization(&self) -> &str {
        self.0["organization"]["id"].as_str().unwrap()
    }

    pub(crate) fn user(&self) -> &str {
        self.0["user"]["id"].as_str().unwrap()
    }
}

impl TestApp {
    /// A server on SQLite, everything as by default.
    pub(crate) async fn start() -> Self {
        Self::with(TestDatabase::sqlite(), &[]).await
    }

    /// A server on this database, with these settings.
    pub(crate) async fn with(database: TestDatabase, flags: &[(&str, &str)]) -> Self {
        Self::at(Clock::System, database, flags).await
    }

    /// A server whose time is that of the clock.
    pub(crate) async fn at(clock: Clock, database: TestDatabase, flags: &[(&str, &str)]) -> Self {
        let data = Arc::new(tempfile::tempdir().unwrap());
        Self::in_folder(data, clock, database, flags).await
    }

    /// A second server on the same database and data folder.
    pub(crate) async fn beside(&self) -> Self {
        self.beside_with(&[]).await
    }

    /// The same with these settings.
    pub(crate) async fn beside_with(&self, flags: &[(&str, &str)]) -> Self {
        self.beside_at(self.app.clock().clone(), flags).await
    }

    /// The same by another clock.
    pub(crate) async fn beside_at(&self, clock: Clock, flags: &[(&str, &str)]) -> Self {
        let (data, database) = (Arc::clone(&self.data), self.database.shared());
        Self::in_folder(data, clock, database, flags).await
    }

    /// A second server that goes to the database by itself, whatever stands in between for this one.
    pub(crate) async fn directly_beside(&self, flags: &[(&str, &str)]) -> Self {
        let mut database = self.database.shared();
        database.config.engine = self.direct_engine();
        Self::in_folder(
            Arc::clone(&self.data),
            self.app.clock().clone(),
            database,
            flags,
        )
        .await
    }

    async fn in_folder(
        data: Arc<TempDir>,
        clock: Clock,
        database: TestDatabase,
        flags: &[(&str, &str)],
    ) -> Self {
        let sources = OFTEN
            .iter()
            .chain(flags)
            .fold(Sources::default(), |sources, (flag, value)| {
                sources.with_flag(flag, value)
            });
        let mut config = Config::read(&sources).unwrap();
        data.path().clone_into(&mut config.listen.data_dir);
        config.database = database.config.clone();
        let public = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = public.local_addr().unwrap();
        let admin_listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let admin = admin_listener.local_addr().unwrap();
        let (shutdown, asked) = oneshot::channel();
        let (told, ready) = oneshot::channel();
        let task = tokio::spawn(run(
            config,
            Listeners {
                public,
                admin: Some(admin_listener),
            },
            clock,
            move |app| drop(told.send(app.clone())),
            async move { drop(asked.await) },
        ));
        let app = ready.await.unwrap();
        Self {
            app,
            address,
            admin,
            shutdown,
            task,
            database,
            data,
        }
    }

    /// Its database, without whatever stands in between.
    pub(crate) fn direct_engine(&self) -> Engine {
        self.database.direct_engine()
    }

    pub(crate) async fn get(&self, target: &str) -> Reply {
        self.send(Request::get(target).body(Bytes::new()).unwrap())
            .await
    }

    pub(crate) async fn post(&self, target: &str, body: Value) -> Reply {
        let request = Request::post(target).header("content-type", "application/json");
        self.send(request.body(body.to_string().into()).unwrap())
            .await
    }

    /// Any request: `GET /x`, its headers, and a body of JSON unless it is null.
    pub(crate) async fn call(&self, route: &str, headers: &[(&str, &str)], body: Value) -> Reply {
        let request = client::request(route, headers, &body);
        self.send(request).await
    }

    /// Sends a request and goes away before the answer is there, however far the server came with it.
    pub(crate) async fn ask_and_leave(&self, route: &str, headers: &[(&str, &str)], body: &Value) {
        let body = body.to_string();
        let headers: String = headers
            .iter()
            .flat_map(|(name, value)| [name, ": ", value, "\r\n"])
            .collect();
        let (host, length) = (self.address, body.len());
        let request = format!(
            "{route} HTTP/1.1\r\nhost: {host}\r\n{headers}content-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
    }

    /// Any request of somebody with a token or key.
    pub(crate) async fn call_as(&self, token: &str, route: &str, body: Value) -> Reply {
        let bearer = format!("Bearer {token}");
        self.call(route, &[("authorization", &bearer)], body).await
    }

    /// The same with one more header.
    pub(crate) async fn call_with(
        &self,
        token: &str,
        route: &str,
        (name, value): (&str, &str),
        body: Value,
    ) -> Reply {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), (name, value)];
        self.call(route, &headers, body).await
    }

    /// Makes the user of a login a member of an organization, without the detour of an invitation.
    pub(crate) async fn join(&self, organization: &str, login: &Login, role: Role) {
        let mut tx = self.app.store().begin().await.unwrap();
        let (organization, user) = (organization.parse().unwrap(), login.user().parse().unwrap());
        let now = self.app.clock().now();
        tx.member_insert(organization, user, role, None, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Makes an account; its password is [`PASSWORD`].
    pub(crate) async fn register(&self, email: &str) -> Login {
        let body = serde_json::json!({ "email": email, "password": PASSWORD });
        let reply = self.post("/api/auth/register", body).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        Login(reply.json())
    }

    /// Logs in once more.
    pub(crate) async fn login(&self, email: &str) -> Login {
        let body = serde_json::json!({ "email": email, "password": PASSWORD });
        let reply = self.post("/api/auth/login", body).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        Login(reply.json())
    }

    /// Asks for new tokens.
    pub(crate) async fn refresh(&self, token: &str) -> Reply {
        let body = serde_json::json!({ "refreshToken": token });
        self.post("/api/auth/refresh", body).await
    }

    /// The status for somebody with this access token.
    pub(crate) async fn me(&self, token: &str) -> u16 {
        let reply = self.call_as(token, "GET /api/auth/me", Value::Null).await;
        reply.status.as_u16()
    }

    /// The outbox, the latest mail first.
    pub(crate) async fn mails(&self) -> Vec<OutboxMail> {
        let page = Page::new(None, Some(100)).unwrap();
        let mut read = self.app.store().read().await.unwrap();
        read.mail_list(page).await.unwrap().items
    }

    /// The token of the link in the latest mail to this address.
    pub(crate) async fn mailed_token(&self, email: &str) -> String {
        let mails = self.mails().await;
        let mail = mails.iter().find(|mail| mail.to.as_str() == email).unwrap();
        let (_, rest) = mail.body.split_once("?token=").unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    }

    /// Asks the operator's listener.
    pub(crate) async fn admin_get(&self, target: &str) -> Reply {
        let request = Request::get(target).body(Bytes::new()).unwrap();
        client::send(self.admin, request).await.unwrap()
    }

    /// Sends a request on a connection of its own.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Reply {
        client::send(self.address, request).await.unwrap()
    }

    /// Asks it to stop, and waits until it did.
    pub(crate) async fn stop(self) {
        drop(self.shutdown);
        self.task.await.unwrap().unwrap();
        self.database.end().await;
    }
}
