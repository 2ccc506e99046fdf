//! Paths into JSON (RFC 9535), as the `jsonPath` filter uses them.

use super::fault::Outcome;
use crate::json::Node;

/// A path.
#[derive(Debug)]
pub(super) struct Path(Vec<Step>);

#[derive(Debug)]
enum Step {
    Name(String),
    Index(usize),
    All,
}

impl Path {
    /// Reads a path; the error says what is wrong.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text.strip_prefix('$').ok_or("it does not begin with `$`")?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix("[*]") {
                steps.push(Step::All);
                rest = after;
            } else if let Some(after) = rest.strip_prefix('[') {
                let (index, after) = after.split_once(']').ok_or("`[` is not closed")?;
                steps.push(Step::Index(index.parse().map_err(|_| "not an index")?));
                rest = after;
            } else if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                steps.push(Step::Name(after[..end].to_owned()));
                rest = &after[end..];
            } else {
                return Err(format!("`{rest}` is not understood"));
            }
        }
        Ok(Self(steps))
    }

    /// The nodes it leads to.
    #[expect(clippy::unnecessary_wraps)]
    pub(super) fn find<'n>(&self, root: &'n Node) -> Outcome<Vec<&'n Node>> {
        let mut nodes = vec![root];
        for step in &self.0 {
            nodes = nodes
                .into_iter()
                .flat_map(|node| match step {
                    Step::Name(name) => node.get(name).into_iter().collect::<Vec<_>>(),
                    Step::Index(index) => {
                        node.elements().and_then(|e| e.get(*index)).into_iter().collect()
                    }
                    Step::All => node.elements().unwrap_or(&[]).iter().collect(),
                })
                .collect();
        }
        Ok(nodes)
    }
}
