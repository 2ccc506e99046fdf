//! Rate limits: how many calls, in which time, and with what status more are refused.

use super::nearest::nearest;
use super::object::object;
use super::value::{expected, whole};
use crate::fault::{Faults, Place, shown};
use crate::json::{Node, Value};
use crate::limits::{RATE_LIMIT_PER_MS_MAX, RATE_LIMIT_REQUESTS_MAX};
use crate::spec::keys::RateLimitKey;
use crate::spec::{Period, RateLimit};

pub(super) fn rate_limit(node: Node, at: &Place<'_>, faults: &mut Faults) -> Option<RateLimit> {
    let (mut requests, mut per, mut status_code) = (None, None, None);
    let object = object(node, at, faults, |key, node, at, faults| match key {
        RateLimitKey::Requests => {
            requests = whole(&node, at, faults, 1..=RATE_LIMIT_REQUESTS_MAX);
        }
        RateLimitKey::Per => per = period(&node, at, faults),
        RateLimitKey::StatusCode => status_code = whole(&node, at, faults, 400..=599),
    })?;
    for (key, hint) in [
        (
            RateLimitKey::Requests,
            "how many calls, such as `requests: 10`",
        ),
        (RateLimitKey::Per, "in which time, such as `per: minute`"),
    ] {
        if object.lacks(key) {
            let message = format!("a rate limit needs `{}`", key.name());
            faults.error(at, message, hint);
        }
    }
    Some(RateLimit {
        requests: requests?,
        per: per?,
        status_code,
    })
}

fn period(node: &Node, at: &Place<'_>, faults: &mut Faults) -> Option<Period> {
    let text = match &node.value {
        Value::String(text) => text,
        Value::Number(number) => {
            let number = shown(number.as_str());
            let hint = "say of what, such as `10s`, `5m` or `minute`";
            faults.error(at, format!("expected a time, found {number}"), hint);
            return None;
        }
        _ => {
            expected("a time, such as `minute` or `10s`", node, at, faults);
            return None;
        }
    };
    let Some(period) = Period::parse(text) else {
        let hint = match nearest(text, &Period::WORDS) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!(
                "one of {}, or a whole number and `ms`, `s`, `m`, `h` or `d`, such as `10s`",
                Period::WORDS.join(", ")
            ),
        };
        faults.error(at, format!("{} is no time", shown(text)), hint);
        return None;
    };
    if period.ms() > RATE_LIMIT_PER_MS_MAX {
        let message = format!("{} is longer than any call is remembered", shown(text));
        faults.error(at, message, "31d is the most");
        return None;
    }
    Some(period)
}
