//! What the service takes of a mock: a server of many keeps its bounds narrower than a file of one's own.

use mockbird_core::fault::{Faults, Place};
use mockbird_core::spec::{Body, Delay, Mock, Response, Spec};

/// The most characters of a path.
pub const PATH_CHARS_MAX: usize = 500;

/// The most characters of a name.
pub const NAME_CHARS_MAX: usize = 255;

/// The longest delay, in milliseconds: each holds a request.
pub const DELAY_MS_MAX: u64 = 10_000;

/// The largest body, in bytes.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// Reports what of a whole file is beyond what the service takes.
pub fn check_spec(spec: &Spec, faults: &mut Faults) {
    check_name(Some(&spec.name), &Place::ROOT, faults);
    let at = Place::ROOT.key("mocks");
    for (index, mock) in spec.mocks.iter().enumerate() {
        check_mock(mock, &at.index(index), faults);
    }
}

/// Reports what of a mock is beyond what the service takes; `at` is the place of the mock.
pub fn check_mock(mock: &Mock, at: &Place<'_>, faults: &mut Faults) {
    check_name(mock.name.as_deref(), at, faults);
    let length = mock.path.chars().count();
    if length > PATH_CHARS_MAX {
        let message = format!("a path of {length} characters is longer than the service takes");
        let hint = format!("{PATH_CHARS_MAX} characters are the most");
        faults.error(&at.key("path"), message, hint);
    }
    check_delay(mock.response_delay, at, faults);
    let at = at.key("responses");
    for (index, response) in mock.responses.iter().enumerate() {
        check_response(response, &at.index(index), faults);
    }
}

/// Reports what of a response is beyond what the service takes; `at` is the place of the response.
pub fn check_response(response: &Response, at: &Place<'_>, faults: &mut Faults) {
    check_name(response.name.as_deref(), at, faults);
    check_delay(response.response_delay, at, faults);
    let (key, length) = match &response.body {
        Body::Empty => return,
        Body::Text(text) => ("body", text.len()),
        Body::Json(node) => ("body", node.to_string().len()),
        Body::Bytes(bytes) => ("bodyBase64", bytes.len()),
        Body::File(_) => {
            let message = "there are no files beside a mock of the service";
            let hint = "put the content into `body`, or into `bodyBase64`";
            return faults.error(&at.key("bodyFile"), message, hint);
        }
    };
    if length > BODY_BYTES_MAX {
        let message = format!("a body of {length} bytes is larger than the service takes");
        let hint = format!("{BODY_BYTES_MAX} bytes are the most");
        faults.error(&at.key(key), message, hint);
    }
}

fn check_name(name: Option<&str>, at: &Place<'_>, faults: &mut Faults) {
    let length = name.map_or(0, |name| name.chars().count());
    if length > NAME_CHARS_MAX {
        let message = format!("a name of {length} characters is longer than the service takes");
        let hint = format!("{NAME_CHARS_MAX} characters are the most");
        faults.error(&at.key("name"), message, hint);
    }
}

fn check_delay(delay: Option<Delay>, at: &Place<'_>, faults: &mut Faults) {
    #[expect(clippy::cast_precision_loss, reason = "it is far below 2^53")]
    const MEDIAN_MAX: f64 = DELAY_MS_MAX as f64;
    let is_long = match delay {
        None => false,
        Some(Delay::Fixed(ms) | Delay::Uniform { max: ms, .. }) => ms > DELAY_MS_MAX,
        Some(Delay::LogNormal { median, .. }) => median > MEDIAN_MAX,
    };
    if is_long {
        let message = "a reply waits longer than the service lets it";
        let hint = format!("{DELAY_MS_MAX} ms are the most");
        faults.error(&at.key("responseDelay"), message, hint);
    }
}

#[cfg(test)]
mod tests {
    use mockbird_core::spec::{self, Format};

    use super::*;

    fn found(text: &str) -> Vec<String> {
        let mut document = spec::read(text, Format::Yaml).unwrap();
        let spec = document.decode().0.unwrap();
        let mut faults = Faults::default();
        check_spec(&spec, &mut faults);
        faults.errors.into_iter().map(|fault| fault.at).collect()
    }

    #[test]
    fn what_is_at_a_bound_is_taken_and_what_is_beyond_has_its_place() {
        let (name, path) = ("n".repeat(NAME_CHARS_MAX), "p".repeat(PATH_CHARS_MAX - 1));
        let body = "b".repeat(BODY_BYTES_MAX);
        let fits = format!(
            "{{name: '{name}', mocks: [{{name: '{name}', path: '/{path}', responseDelay: 10000, responses: [\
             {{name: '{name}', body: '{body}', responseDelay: {{min: 0, max: 10000}}}},\
             {{responseDelay: {{median: 10000, sigma: 0.1}}}}]}}]}}"
        );
        assert_eq!(found(&fits), [""; 0]);
        let beyond = format!(
            "{{name: 'n{name}', mocks: [{{name: 'n{name}', path: '/p{path}', responseDelay: 10001, responses: [\
             {{name: 'n{name}', body: 'b{body}', responseDelay: {{min: 0, max: 10001}}}},\
             {{bodyFile: a.json, responseDelay: {{median: 10001, sigma: 0.1}}}}]}}]}}"
        );
        assert_eq!(
            found(&beyond),
            [
                "name",
                "mocks[0].name",
                "mocks[0].path",
                "mocks[0].responseDelay",
                "mocks[0].responses[0].name",
                "mocks[0].responses[0].responseDelay",
                "mocks[0].responses[0].body",
                "mocks[0].responses[1].responseDelay",
                "mocks[0].responses[1].bodyFile",
            ]
        );
    }
}
