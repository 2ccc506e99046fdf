//! The methods a mock answers.

use http::Method;
use mockbird_core::spec::MethodPattern;

/// The methods a mock answers: any, one or several.
///
/// A text is a method; a known one may be written in any case (`get`), as no request has it otherwise. `HEAD` is
/// answered as `GET` is, without the body, unless a mock says otherwise.
///
/// ```
/// # use mockbird_testkit::prelude::*;
/// # let server = MockServer::start().lenient();
/// server.mount(request("PURGE", "/cache").status(204));
/// server.mount(request(["PUT", "PATCH"], "/birds/{name}").status(204));
/// ```
#[derive(Clone, Debug)]
pub struct Methods {
    pub(crate) patterns: Vec<MethodPattern>,
    /// What is no method.
    pub(crate) faults: Vec<String>,
}

impl Methods {
    pub(crate) const fn any() -> Self {
        Self {
            patterns: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Each of them; where several are meant, the engine has a mock for each, so that their order among other mocks
    /// is that of one.
    pub(crate) fn each(&self) -> &[MethodPattern] {
        match &self.patterns[..] {
            [] => &[MethodPattern::Any],
            some => some,
        }
    }

    /// How messages call them: `PUT|PATCH`.
    pub(crate) fn name(&self) -> String {
        let names: Vec<_> = self.each().iter().map(MethodPattern::as_str).collect();
        names.join("|")
    }

    /// How sentences call them: `PUT, POST or PATCH`.
    pub(crate) fn in_words(&self) -> String {
        let names: Vec<_> = self.each().iter().map(MethodPattern::as_str).collect();
        match &names[..] {
            [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
            names => names.concat(),
        }
    }

    fn add(&mut self, text: &str) {
        let upper = text.to_ascii_uppercase();
        let known = [
            "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT",
        ];
        let text = if known.contains(&&*upper) {
            &upper
        } else {
            text
        };
        match Method::from_bytes(text.as_bytes()) {
            Ok(method) => self.add_pattern(MethodPattern::Exact(method)),
            Err(_) => self.faults.push(text.to_owned()),
        }
    }

    fn add_pattern(&mut self, pattern: MethodPattern) {
        if !self.patterns.contains(&pattern) {
            self.patterns.push(pattern);
        }
    }
}

impl From<MethodPattern> for Methods {
    fn from(pattern: MethodPattern) -> Self {
        let mut methods = Self::any();
        methods.add_pattern(pattern);
        methods
    }
}

impl From<Method> for Methods {
    fn from(method: Method) -> Self {
        MethodPattern::Exact(method).into()
    }
}

impl From<&str> for Methods {
    fn from(method: &str) -> Self {
        Self::from([method])
    }
}

/// None is an error when the mock is mounted.
impl<const N: usize> From<[&str; N]> for Methods {
    fn from(names: [&str; N]) -> Self {
        let mut methods = Self::any();
        for name in names {
            methods.add(name);
        }
        if N == 0 {
            methods.faults.push(String::new());
        }
        methods
    }
}

impl<const N: usize> From<[Method; N]> for Methods {
    fn from(all: [Method; N]) -> Self {
        Self::from(all.each_ref().map(Method::as_str))
    }
}
