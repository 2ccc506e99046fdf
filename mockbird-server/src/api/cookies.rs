//! The cookies of browsers: the same tokens as in the bodies, out of the reach of scripts.

use std::time::Duration;

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use http::HeaderMap;

use crate::app::Tokens;
use crate::config::Config;
use crate::domain::{HOST_COOKIES, PLAIN_COOKIES};

/// Names, and whether they are kept to HTTPS.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cookies {
    access: &'static str,
    refresh: &'static str,
    secure: bool,
}

impl Cookies {
    /// As browsers call this server.
    pub(super) fn new(config: &Config) -> Self {
        let secure = match &config.listen.public_url {
            Some(url) => url.is_https(),
            None => config.listen.tls.is_some(),
        };
        let [access, refresh] = if secure { HOST_COOKIES } else { PLAIN_COOKIES };
        Self {
            access,
            refresh,
            secure,
        }
    }

    /// The access token that the browser sends.
    pub(super) fn access(self, headers: &HeaderMap) -> Option<String> {
        read(self.access, headers)
    }

    /// The refresh token that the browser sends.
    pub(super) fn refresh(self, headers: &HeaderMap) -> Option<String> {
        read(self.refresh, headers)
    }

    /// Gives the browser its tokens.
    pub(super) fn set(self, tokens: &Tokens, config: &Config) -> CookieJar {
        let access = self.cookie(self.access, tokens.access.clone(), tokens.expires_in);
        let refresh = tokens.refresh.reveal().to_owned();
        let refresh = self.cookie(self.refresh, refresh, config.auth.refresh_lifetime);
        CookieJar::new().add(access).add(refresh)
    }

    /// Takes them away again.
    pub(super) fn unset(self) -> CookieJar {
        let gone = |name| self.cookie(name, String::new(), Duration::ZERO);
        CookieJar::new()
            .add(gone(self.access))
            .add(gone(self.refresh))
    }

    fn cookie(self, name: &'static str, value: String, life: Duration) -> Cookie<'static> {
        Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Lax)
            .max_age(life.try_into().unwrap_or_default())
            .build()
    }
}

fn read(name: &str, headers: &HeaderMap) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    jar.get(name).map(|cookie| cookie.value().to_owned())
}
