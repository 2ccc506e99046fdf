//! What is told of a request, whether to people or to programs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mockbird_core::condition::Finding;
use mockbird_core::spec::{self, Spec};
use mockbird_core::{
    Answer, AnswerSource, Explanation, MockReport, NearMiss, ResponseReport, masked_target,
};
use serde::{Serialize, Serializer};

use super::asked::AskedFor;

/// The whole story: every mock that was asked, and the reply.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Story {
    pub(super) method: String,
    pub(super) target: String,
    /// The mocks that were asked, in their order.
    pub(super) mocks: Vec<Asked>,
    /// A CORS preflight, answered by the host.
    pub(super) preflight: bool,
    /// The mocks that almost matched, if none answers.
    pub(super) nearest: Vec<Near>,
    pub(super) reply: Reply,
}

/// One mock's turn.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked {
    pub(super) mock: String,
    pub(super) method: String,
    pub(super) path: String,
    /// The decoded path parameters.
    #[serde(serialize_with = "as_object")]
    pub(super) params: Vec<(String, String)>,
    pub(super) responses: Vec<Candidate>,
    /// Why it answers, or does not.
    pub(super) verdict: String,
    pub(super) answers: bool,
}

/// One response of such a mock.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Candidate {
    pub(super) name: String,
    pub(super) status: u16,
    pub(super) qualifies: bool,
    pub(super) answers: bool,
    pub(super) weight: Option<u32>,
    pub(super) is_default: bool,
    /// Why it plays no part, if it plays none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) beside: Option<&'static str>,
    pub(super) conditions: Vec<Reason>,
}

/// What became of a condition, or of a group of them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reason {
    pub(super) passed: bool,
    #[serde(rename = "reason")]
    pub(super) text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) conditions: Vec<Reason>,
}

/// A mock that almost answered.
#[derive(Debug, Serialize)]
pub(super) struct Near {
    pub(super) mock: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) matched: Vec<String>,
    pub(super) reasons: Vec<String>,
}

/// The reply, as a client gets it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body_base64: Option<String>,
    pub(super) delay_ms: u128,
    /// The fault of the template that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) failed: Option<String>,
}

impl Story {
    /// The story of a request: its explanation, and the answer that was given.
    pub(super) fn new(
        asked: &AskedFor,
        spec: &Spec,
        explanation: &Explanation<'_>,
        answer: Answer<'_>,
    ) -> Self {
        Self {
            method: asked.method.to_string(),
            target: target(&explanation.path, &asked.target),
            mocks: explanation
                .mocks
                .iter()
                .map(|report| Asked::new(report, spec))
                .collect(),
            preflight: explanation.preflight,
            nearest: explanation.nearest.iter().map(Near::new).collect(),
            reply: Reply::new(answer),
        }
    }
}

/// The target as it may be shown, its path masked already.
fn target(path: &str, target: &str) -> String {
    let masked = masked_target(target);
    let query = masked.find('?').map_or("", |at| &masked[at..]);
    [path, query].concat()
}

impl Asked {
    fn new(report: &MockReport<'_>, spec: &Spec) -> Self {
        let written = spec
            .mocks
            .get(report.mock.index())
            .map_or(&[][..], |mock| &mock.responses);
        let responses: Vec<_> = report
            .responses
            .iter()
            .enumerate()
            .map(|(at, response)| {
                Candidate::new(at, response, written.get(at), report.chosen == Some(at))
            })
            .collect();
        Self {
            mock: report.mock.name().to_owned(),
            method: report.mock.method().as_str().to_owned(),
            path: report.mock.path().to_owned(),
            params: report.params.clone(),
            verdict: verdict(&responses, report.chosen),
            answers: report.chosen.is_some(),
            responses,
        }
    }
}

impl Candidate {
    fn new(
        at: usize,
        report: &ResponseReport<'_>,
        written: Option<&spec::Response>,
        answers: bool,
    ) -> Self {
        Self {
            name: report
                .response
                .name()
                .map_or_else(|| format!("response {}", at + 1), str::to_owned),
            status: report.response.status().as_u16(),
            qualifies: report.qualifies(),
            answers,
            weight: written.and_then(|response| response.weight),
            is_default: written
                .and_then(|response| response.is_default)
                .unwrap_or(false),
            beside: (!report.plays_a_part).then_some("only beyond the rate limit"),
            conditions: report.conditions.iter().map(Reason::new).collect(),
        }
    }
}

fn as_object<S: Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(key, value)| (key, value)))
}

/// The rule by which a response was chosen (design section 4.3), in words.
fn verdict(responses: &[Candidate], chosen: Option<usize>) -> String {
    let Some(chosen) = chosen.and_then(|at| responses.get(at)) else {
        return "no response qualifies and none is the default: the next mock is asked".into();
    };
    let name = &chosen.name;
    if !chosen.qualifies {
        return format!("`{name}` answers: none qualifies, and it is the default");
    }
    let score = chosen.conditions.len();
    let qualifying = responses.iter().filter(|r| r.qualifies).count();
    let rivals: Vec<_> = responses
        .iter()
        .filter(|r| r.qualifies && r.conditions.len() == score)
        .collect();
    let drawn = rivals
        .iter()
        .any(|r| r.weight.is_some_and(|weight| weight > 0));
    match (rivals.len(), qualifying) {
        (1, 1) => format!("`{name}` answers: it is the only one that qualifies"),
        (1, _) => format!(
            "`{name}` answers: of {qualifying} that qualify it has the most conditions ({score})"
        ),
        (rivals, _) if drawn => format!("`{name}` answers: drawn by weight from {rivals}"),
        (rivals, _) if chosen.is_default => {
            format!("`{name}` answers: of {rivals} alike it is the default")
        }
        (rivals, _) => format!("`{name}` answers: of {rivals} alike it is the first"),
    }
}

impl Reason {
    fn new(finding: &Finding) -> Self {
        let conditions = finding.children().iter().map(Self::new).collect();
        Self {
            passed: finding.passed,
            text: finding.heading().into_owned(),
            conditions,
        }
    }
}

impl Near {
    fn new(miss: &NearMiss) -> Self {
        let NearMiss {
            mock,
            method,
            path,
            matched,
            reasons,
            ..
        } = miss.clone();
        Self {
            mock,
            method,
            path,
            matched,
            reasons,
        }
    }
}

impl Reply {
    fn new(answer: Answer<'_>) -> Self {
        let failed = match answer.source {
            AnswerSource::Failed(_, _, fault) => Some(fault),
            AnswerSource::Mock(..)
            | AnswerSource::Refused(..)
            | AnswerSource::Preflight
            | AnswerSource::Documentation
            | AnswerSource::Nobody(_) => None,
        };
        let (head, bytes) = answer.response.into_parts();
        let headers = head.headers.iter().map(|(name, value)| {
            (
                name.to_string(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        });
        let text = std::str::from_utf8(&bytes)
            .ok()
            .filter(|text| !text.is_empty());
        let body_base64 = (text.is_none() && !bytes.is_empty()).then(|| STANDARD.encode(&bytes));
        Self {
            status: head.status.as_u16(),
            headers: headers.collect(),
            body: text.map(str::to_owned),
            body_base64,
            delay_ms: answer.delay.as_millis(),
            failed,
        }
    }
}
