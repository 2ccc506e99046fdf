//! A server of its own for a test, and a client that asks it.

use std::net::{SocketAddr, TcpListener};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use mockbird_server::app::App;
use mockbird_server::config::{Config, Sources};
use mockbird_server::domain::{Clock, Page};
use mockbird_server::serve::{Listeners, ServeError, run};
use mockbird_server::store::OutboxMail;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::database::TestDatabase;

/// A running server.
pub(crate) struct TestApp {
    pub(crate) app: App,
    address: SocketAddr,
    admin: SocketAddr,
    shutdown: oneshot::Sender<()>,
    task: JoinHandle<Result<(), ServeError>>,
    database: TestDatabase,
    _data: TempDir,
}

/// Tests come from one address, and more often than people.
const OFTEN: &[(&str, &str)] = &[
    ("rates-login-address", "10000/second"),
    ("rates-login-account", "10000/second"),
    ("rates-register", "10000/second"),
    ("rates-reset", "10000/second"),
    ("rates-refresh", "10000/second"),
    ("rates-api", "10000/second"),
];

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

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

impl Reply {
    /// The cookies that are set, each with its attributes.
    pub(crate) fn cookies(&self) -> Vec<&str> {
        let lines = self.headers.get_all("set-cookie").iter();
        lines.map(|line| line.to_str().unwrap()).collect()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Status, and the code of its error.
    pub(crate) fn problem(&self) -> (u16, String) {
        let body = self.json();
        let code = body["error"].as_str().unwrap().to_owned();
        assert_eq!(body["documentation_url"], format!("/docs/errors#{code}"));
        assert!(!body["message"].as_str().unwrap().is_empty(), "{body}");
        (self.status.as_u16(), code)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
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
        let data = tempfile::tempdir().unwrap();
        let sources = OFTEN
            .iter()
            .chain(flags)
            .fold(Sources::default(), |sources, (flag, value)| {
                sources.with_flag(flag, value)
            });
        let mut config = Config::read(&sources).unwrap();
        config.listen.data_dir = data.path().to_owned();
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
            _data: data,
        }
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
        let (method, target) = route.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() {
            Bytes::new()
        } else {
            request = request.header("content-type", "application/json");
            body.to_string().into()
        };
        self.send(request.body(body).unwrap()).await
    }

    /// Any request of somebody with a token or key.
    pub(crate) async fn call_as(&self, token: &str, route: &str, body: Value) -> Reply {
        let bearer = format!("Bearer {token}");
        self.call(route, &[("authorization", &bearer)], body).await
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
        Self::send_to(self.admin, request).await
    }

    /// Sends a request on a connection of its own.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Reply {
        Self::send_to(self.address, request).await
    }

    async fn send_to(address: SocketAddr, mut request: Request<Bytes>) -> Reply {
        let stream = TcpStream::connect(address).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .unwrap();
        tokio::spawn(connection);
        let host = address.to_string().parse().unwrap();
        request.headers_mut().entry("host").or_insert(host);
        let (parts, body) = sender
            .send_request(request.map(Full::new))
            .await
            .unwrap()
            .into_parts();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    /// Asks it to stop, and waits until it did.
    pub(crate) async fn stop(self) {
        drop(self.shutdown);
        self.task.await.unwrap().unwrap();
        self.database.end().await;
    }
}
