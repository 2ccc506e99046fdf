//! A filter of logged requests as a condition of SQL.

use super::read::LogScope;
use crate::domain::{AnsweredBy, LogFilter, LogId, Sought, Statuses};

/// A part of a statement.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Sql(&'static str),
    Text(String),
    Bytes(Vec<u8>),
    Number(i64),
}

/// A statement that selects what may be seen and is asked for; whatever comes behind it narrows it further.
pub(super) fn pieces(
    select: &'static str,
    scope: &LogScope,
    filter: &LogFilter,
    is_postgres: bool,
) -> Vec<Piece> {
    let mut pieces = Pieces {
        all: vec![Piece::Sql(select), Piece::Sql(" from request_logs where ")],
        is_postgres,
    };
    pieces.scope(scope, filter);
    pieces.filter(filter);
    pieces.all
}

struct Pieces {
    all: Vec<Piece>,
    is_postgres: bool,
}

impl Pieces {
    fn and(&mut self, sql: &'static str, value: Piece) {
        self.all.extend([Piece::Sql(sql), value]);
    }

    /// Whose they are. SQLite, which does not know how often each is, is told which index is the narrowest.
    fn scope(&mut self, scope: &LogScope, filter: &LogFilter) {
        let (organization, project) = match (self.is_postgres, filter.mock) {
            (true, _) => (" and organization_id = ", "project_id = "),
            (false, None) => (" and +organization_id = ", "project_id = "),
            (false, Some(_)) => (" and +organization_id = ", "+project_id = "),
        };
        self.and(project, Piece::Text(scope.project.to_string()));
        self.and(organization, Piece::Text(scope.organization.to_string()));
        let from = filter
            .from
            .map_or(scope.since, |from| from.max(scope.since));
        self.and(" and log_id >= ", id(LogId::first_at(from)));
        if let Some(before) = filter.before {
            self.and(" and log_id < ", id(LogId::first_at(before)));
        }
    }

    fn filter(&mut self, filter: &LogFilter) {
        if let Some(mock) = filter.mock {
            self.and(" and mock_id = ", Piece::Text(mock.to_string()));
        }
        if let Some(response) = filter.response {
            self.and(" and response_id = ", Piece::Text(response.to_string()));
        }
        let methods = filter
            .methods
            .iter()
            .map(|method| method.as_str().to_owned());
        self.any(
            "request_method = ",
            methods.map(Piece::Text).map(|one| vec![one]),
        );
        self.statuses(&filter.statuses);
        if let Some(path) = &filter.path {
            self.path(path);
        }
        if let Some(matched) = filter.matched {
            let mut before = if matched {
                " and answered_by in ("
            } else {
                " and answered_by not in ("
            };
            let of_mocks = AnsweredBy::ALL.iter().filter(|by| by.is_of_mock());
            for by in of_mocks {
                self.and(before, Piece::Text(by.name().to_owned()));
                before = ", ";
            }
            self.all.push(Piece::Sql(")"));
        }
        if let Some(text) = &filter.text {
            self.text(text);
        }
    }

    /// One of several, if there are any: each is `sql` and its pieces.
    fn any(&mut self, sql: &'static str, all: impl Iterator<Item = Vec<Piece>>) {
        let mut joint = " and (";
        for pieces in all {
            self.all.extend([Piece::Sql(joint), Piece::Sql(sql)]);
            self.all.extend(pieces);
            joint = " or ";
        }
        if joint == " or " {
            self.all.push(Piece::Sql(")"));
        }
    }

    fn statuses(&mut self, all: &[Statuses]) {
        let between = all.iter().map(|statuses| {
            let (first, last) = statuses.bounds();
            let [first, last] = [first, last].map(|status| Piece::Number(status.into()));
            vec![first, Piece::Sql(" and "), last]
        });
        self.any("response_status between ", between);
    }

    /// Paths that begin so are those between it and what follows all of them.
    fn path(&mut self, path: &Sought) {
        let mut end = path.as_bytes().to_vec();
        self.and(" and request_path >= ", Piece::Bytes(end.clone()));
        // No byte of UTF-8 is the last there is.
        if let Some(last) = end.last_mut() {
            *last += 1;
        }
        self.and(" and request_path < ", Piece::Bytes(end));
    }

    fn text(&mut self, text: &Sought) {
        let bytes = || Piece::Bytes(text.as_bytes().to_vec());
        let as_text = || Piece::Text(String::from_utf8_lossy(text.as_bytes()).into_owned());
        let in_json = Piece::Text(text.in_json());
        let columns = [
            ("request_path", bytes()),
            ("request_query", bytes()),
            ("request_headers", in_json),
            ("request_body", bytes()),
            ("ip_address", as_text()),
        ];
        let mut joint = " and (";
        for (column, sought) in columns {
            self.all.push(Piece::Sql(joint));
            self.contains(column, sought);
            joint = " or ";
        }
        self.all.push(Piece::Sql(")"));
    }

    fn contains(&mut self, column: &'static str, sought: Piece) {
        if self.is_postgres {
            self.all.extend([Piece::Sql("position("), sought]);
            self.all.extend([" in ", column, ") > 0"].map(Piece::Sql));
        } else {
            self.all.extend(["instr(", column, ", "].map(Piece::Sql));
            self.all.push(sought);
            self.all.push(Piece::Sql(") > 0"));
        }
    }
}

fn id(id: LogId) -> Piece {
    Piece::Text(id.to_string())
}
