//! How often the mocks of a project may be asked, and from one address.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::Response;
use http::request::Parts;
use mockbird_core::{ErrorCode, error_response};

use super::tenant::Tenant;
use super::{Address, Snapshot};
use crate::config::{Config, Network, Quotas};
use crate::domain::{Millis, Month, Plan};
use crate::limits::{
    ByAddress, Lender, Limit, Limiter, Meter, Outcomes, Standing, TooOften, is_in, seconds,
    tell_used_up,
};

/// How many addresses are told apart. Each takes 24 bytes.
const ADDRESSES: usize = 1 << 16;

/// The limits of all projects.
#[derive(Debug)]
pub(super) struct Rates {
    project: Limiter,
    address: ByAddress,
    exempt: Arc<[Network]>,
    quota: Outcomes,
    quotas: Quotas,
}

/// Who asks, as far as limits are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asker {
    /// A browser, whether it may: that is not counted, because it will ask.
    Preflight,
    /// Somebody at this address.
    Anybody(IpAddr),
    /// Somebody with a key, at this address.
    KeyHolder(IpAddr),
}

/// What is counted of one project for its limit.
#[derive(Debug, Default)]
pub(super) struct Gauge {
    meter: Meter,
    refusals: Refusals,
}

/// Refused requests: few of them are logged, however many there are.
#[derive(Debug, Default)]
struct Refusals {
    /// The second in which one was logged last.
    logged: AtomicI64,
    /// How many were not since.
    unlogged: AtomicU64,
}

/// A request that is not refused.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Admitted {
    /// What is left of the limits, if there are any.
    pub(super) standing: Option<Standing>,
    /// How much longer its reply takes.
    pub(super) slow: Duration,
}

/// What becomes of a request before it is looked at.
pub(super) type Rated = Result<Admitted, Limited>;

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limited {
    /// The project was asked too often.
    Project(TooOften),
    /// The address asked too often.
    Address(TooOften),
    /// What the plan includes in a month is used up.
    Quota {
        plan: Plan,
        /// Requests in a month.
        requests: u64,
        month: Month,
        at: Millis,
    },
}

impl Rates {
    pub(super) fn new(config: &Config, lender: Option<&Arc<dyn Lender>>) -> Self {
        let exempt = Arc::from(config.access.allow.as_slice());
        let limiter = |name| Limiter::new(name, lender.cloned());
        let rate = config.rates.mock_address;
        Self {
            project: limiter("mock_project"),
            address: ByAddress::new(
                limiter("mock_address"),
                Limit::from(rate),
                ADDRESSES,
                Arc::clone(&exempt),
            ),
            exempt,
            quota: Outcomes::new("quota"),
            quotas: config.quotas,
        }
    }

    /// Counts one request and tells what is left, if there is a limit; or refuses it. `None` if that takes asking somebody:
    /// then [`ask`](Self::ask).
    pub(super) fn ask_here(&self, tenant: &Tenant, asker: Asker, at: Millis) -> Option<Rated> {
        if !self.knows(tenant, asker, at) {
            return None;
        }
        // It is ready, unless somebody took the last permit just now.
        self.ask(tenant, asker, at).now_or_never()
    }

    /// The same, whoever must be asked. An address that asks too often does not use up what the project may be asked.
    pub(super) async fn ask(&self, tenant: &Tenant, asker: Asker, at: Millis) -> Rated {
        let slow = match asker {
            Asker::Preflight => Duration::ZERO,
            Asker::Anybody(_) | Asker::KeyHolder(_) => self.within_quota(tenant, at)?,
        };
        let Some(limit) = tenant.limit.filter(|_| self.counts(asker)) else {
            return Ok(Admitted {
                standing: None,
                slow,
            });
        };
        let of_address = match asker {
            Asker::Anybody(ip) => {
                let asked = self.address.ask(Some(ip), at).await;
                asked.map_err(Limited::Address)?
            }
            Asker::KeyHolder(_) | Asker::Preflight => None,
        };
        let (meter, project) = (&tenant.gauge.meter, &tenant.project);
        let asked = self.project.ask(meter, project, limit, at).await;
        let standing = asked.map_err(Limited::Project)?;
        Ok(Admitted {
            standing: Some(standing.tighter(of_address)),
            slow,
        })
    }

    fn knows(&self, tenant: &Tenant, asker: Asker, at: Millis) -> bool {
        let Some(limit) = tenant.limit.filter(|_| self.counts(asker)) else {
            return true;
        };
        let of_address = match asker {
            Asker::Anybody(ip) => self.address.knows(ip, at),
            Asker::KeyHolder(_) | Asker::Preflight => true,
        };
        of_address && self.project.knows(&tenant.gauge.meter, limit, at)
    }

    /// How much longer a reply takes because the month is nearly used up; or that it is.
    fn within_quota(&self, tenant: &Tenant, at: Millis) -> Result<Duration, Limited> {
        let Some(quota) = tenant.quota else {
            return Ok(Duration::ZERO);
        };
        let month = Month::of(at);
        let (requests, bytes) = tenant.usage.used(month);
        let used = quota.per_mille(requests, bytes);
        let within = used < 1_000;
        self.quota.count(within);
        if within {
            return Ok(self.slow(used));
        }
        Err(Limited::Quota {
            plan: tenant.plan,
            requests: quota.requests,
            month,
            at,
        })
    }

    /// More and more from where it begins.
    fn slow(&self, used: u64) -> Duration {
        let Some(from) = self.quotas.slow_from else {
            return Duration::ZERO;
        };
        let from = 10 * u64::from(from);
        let ms = u64::try_from(self.quotas.slow_by.as_millis()).unwrap_or(u64::MAX);
        let over = used.saturating_sub(from);
        Duration::from_millis(ms.saturating_mul(over) / (1_000 - from))
    }

    fn counts(&self, asker: Asker) -> bool {
        match asker {
            Asker::Preflight => false,
            Asker::Anybody(ip) | Asker::KeyHolder(ip) => !is_in(&self.exempt, ip),
        }
    }
}

impl Asker {
    pub(super) fn of(snapshot: &Snapshot, parts: &Parts, address: &Address, ip: IpAddr) -> Self {
        let tenant = &snapshot.tenant;
        let counts = tenant.limit.is_some() || tenant.quota.is_some();
        if counts && snapshot.is_preflight(parts, &address.target) {
            Self::Preflight
        } else if tenant.takes_keys() {
            Self::KeyHolder(ip)
        } else {
            Self::Anybody(ip)
        }
    }
}

impl Gauge {
    /// Whether the refusal of a request at this moment is logged, and how many were not since the last: the first of each second is.
    pub(super) fn is_logged(&self, at: Millis) -> Option<u64> {
        let Refusals { logged, unlogged } = &self.refusals;
        let second = at.0.div_euclid(1_000);
        if logged.swap(second, Ordering::Relaxed) == second {
            unlogged.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(unlogged.swap(0, Ordering::Relaxed))
    }
}

impl Limited {
    /// What whoever asked is told.
    pub(super) fn response(self) -> Response<Bytes> {
        let refuse = |why: &str| error_response(ErrorCode::RateLimitExceeded, why);
        let too_often = |what: &str, often: TooOften| {
            let wait = seconds(often.retry_after);
            let mut response = refuse(&format!("{what} too often: try again in {wait} s"));
            often.tell(response.headers_mut());
            response
        };
        match self {
            Self::Project(often) => too_often("this project is asked", often),
            Self::Address(often) => too_often("your address asks", often),
            Self::Quota {
                plan,
                requests,
                month,
                at,
            } => {
                let next = month.next();
                let why = format!(
                    "the organization of this project has used what its plan `{plan}` includes in a month: \
                     it is counted anew from {next}-01 on (UTC)"
                );
                let mut response = refuse(&why);
                let wait = u64::try_from(next.start().0 - at.0).unwrap_or_default();
                tell_used_up(
                    response.headers_mut(),
                    requests,
                    Duration::from_millis(wait),
                );
                response
            }
        }
    }
}
