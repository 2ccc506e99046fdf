//! `bodyFile`: the host reads the files, here their bytes become bodies.

use bytes::Bytes;

use super::keys::{MockKey, ResponseKey, SpecKey};
use super::{Body, Spec};
use crate::fault::{Faults, Place, shown};

impl Spec {
    /// Replaces every `bodyFile` by what `read` gives for its name, or reports why it cannot.
    ///
    /// A file that is UTF-8 becomes a text, as if it had been written in the spec (so it may be a
    /// template); any other becomes bytes. Names that leave the folder of the spec are refused before
    /// `read` sees them; that a symbolic link leaves it is for `read` to refuse.
    ///
    /// ```
    /// use mockbird_core::{fault::Faults, json, spec};
    /// let text = r#"{"name": "n", "mocks": [{"path": "/a", "responses": [{"bodyFile": "../key"}]}]}"#;
    /// let mut faults = Faults::default();
    /// let node = json::parse(text.as_bytes()).unwrap();
    /// let mut spec = spec::decode(node, &mut faults).unwrap();
    /// spec.resolve_files(|_| Err("unreadable".to_owned()), &mut faults);
    /// assert!(faults.errors[0].message.contains("leaves the folder"));
    /// ```
    pub fn resolve_files(
        &mut self,
        mut read: impl FnMut(&str) -> Result<Bytes, String>,
        faults: &mut Faults,
    ) {
        let root = Place::ROOT.key(SpecKey::Mocks.name());
        for (index, mock) in self.mocks.iter_mut().enumerate() {
            let at = root.index(index);
            let at = at.key(MockKey::Responses.name());
            for (index, response) in mock.responses.iter_mut().enumerate() {
                let at = at.index(index);
                let at = at.key(ResponseKey::BodyFile.name());
                if let Body::File(name) = &response.body
                    && let Some(body) = file_body(name, &mut read, &at, faults)
                {
                    response.body = body;
                }
            }
        }
    }
}

fn file_body(
    name: &str,
    read: impl FnOnce(&str) -> Result<Bytes, String>,
    at: &Place<'_>,
    faults: &mut Faults,
) -> Option<Body> {
    if leaves_folder(name) {
        let message = format!("{} leaves the folder of the spec", shown(name));
        faults.error(at, message, "put the file beside the spec, or below it");
        return None;
    }
    match read(name) {
        Ok(bytes) => Some(match String::from_utf8(bytes.into()) {
            Ok(text) => Body::Text(text),
            Err(error) => Body::Bytes(error.into_bytes().into()),
        }),
        Err(reason) => {
            let message = format!("cannot read {}: {reason}", shown(name));
            faults.error(at, message, "names are relative to the folder of the spec");
            None
        }
    }
}

/// By the rules of every system at once, as a spec moves between them.
fn leaves_folder(name: &str) -> bool {
    name.starts_with(['/', '\\'])
        || name.contains([':', '\0'])
        || name.split(['/', '\\']).any(|part| part == "..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn resolved(file: &str) -> (Body, Vec<String>) {
        let text = format!(
            r#"{{"name": "n", "mocks": [{{"path": "/a", "responses": [{{"bodyFile": "{file}"}}]}}]}}"#
        );
        let mut faults = Faults::default();
        let node = json::parse(text.as_bytes()).unwrap();
        let mut spec = crate::spec::decode(node, &mut faults).unwrap();
        let read = |name: &str| match name {
            "a.txt" => Ok(Bytes::from_static(b"text")),
            "sub/a..png" => Ok(Bytes::from_static(&[0xFF, 0])),
            _ => Err("no such file".to_owned()),
        };
        spec.resolve_files(read, &mut faults);
        let body = std::mem::take(&mut spec.mocks[0].responses[0].body);
        (
            body,
            faults.errors.iter().map(ToString::to_string).collect(),
        )
    }

    #[test]
    fn text_and_bytes() {
        assert!(matches!(resolved("a.txt").0, Body::Text(text) if text == "text"));
        assert!(matches!(resolved("sub/a..png").0, Body::Bytes(bytes) if bytes.len() == 2));
        assert_eq!(
            resolved("b.txt").1,
            [
                "mocks[0].responses[0].bodyFile: cannot read `b.txt`: no such file (names are relative to the folder of the spec)"
            ]
        );
    }

    #[test]
    fn names_stay_in_the_folder() {
        for name in [
            "/etc/passwd",
            "../a.txt",
            "a/../../b",
            r"..\\a.txt",
            "C:a.txt",
            r"\\\\host\\a",
        ] {
            let (body, errors) = resolved(name);
            assert!(matches!(body, Body::File(_)), "{name}");
            assert!(errors[0].contains("leaves the folder"), "{errors:?}");
        }
    }
}
