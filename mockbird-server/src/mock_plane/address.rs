//! Which project a request is for, and what it asks of it.

use http::Uri;

use crate::domain::Slug;

/// A project, and the rest of the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The slug, as it came.
    pub slug: String,
    /// Path and query inside of the project, as they came.
    pub target: String,
    /// Whether the project has a host of its own, apart from ours.
    pub own_host: bool,
}

impl Address {
    /// The project that `uri` is for, if it is for one: `/m/{slug}/...`, or any path of `{slug}.` and `domain`.
    ///
    /// ```
    /// use mockbird_server::mock_plane::Address;
    /// let uri = "/m/shop/products?page=2".parse()?;
    /// let address = Address::find(&uri, "example.com", None).unwrap();
    /// assert_eq!((address.slug.as_str(), address.target.as_str()), ("shop", "/products?page=2"));
    /// # Ok::<(), http::uri::InvalidUri>(())
    /// ```
    pub fn find(uri: &Uri, host: &str, domain: Option<&str>) -> Option<Self> {
        if let Some(slug) = domain.and_then(|domain| Slug::of_host(host, domain)) {
            return Some(Self {
                slug,
                target: whole(uri).to_owned(),
                own_host: true,
            });
        }
        let (slug, inside) = inside(whole(uri))?;
        Some(Self {
            slug: slug.to_owned(),
            target: rooted(inside),
            own_host: false,
        })
    }

    /// The target of an address that was found in `uri`.
    pub(super) fn target(uri: &Uri, own_host: bool) -> String {
        match inside(whole(uri)) {
            Some((_, inside)) if !own_host => rooted(inside),
            _ => whole(uri).to_owned(),
        }
    }
}

fn whole(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |target| target.as_str())
}

/// The slug, and what stands behind it.
fn inside(target: &str) -> Option<(&str, &str)> {
    let rest = target.strip_prefix("/m/")?;
    Some(rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len())))
}

fn rooted(inside: &str) -> String {
    let root = if inside.starts_with('/') { "" } else { "/" };
    format!("{root}{inside}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (uri, host, expected) in [
            ("/m/shop", "h", Some(("shop", "/"))),
            ("/m/shop/", "h", Some(("shop", "/"))),
            ("/m/shop?a=1", "h", Some(("shop", "/?a=1"))),
            (
                "/m/shop/a%2Fb/../c?x=/y",
                "h",
                Some(("shop", "/a%2Fb/../c?x=/y")),
            ),
            ("/m/shop//a", "h", Some(("shop", "//a"))),
            ("/m//a", "h", Some(("", "/a"))),
            ("/m/", "h", Some(("", "/"))),
            ("/m", "h", None),
            ("/api/m/shop", "h", None),
            ("/mocks", "h", None),
            ("/a?b", "shop.mocks.test", Some(("shop", "/a?b"))),
            ("/", "SHOP.mocks.test:4000", Some(("shop", "/"))),
            (
                "/m/other/a",
                "shop.mocks.test",
                Some(("shop", "/m/other/a")),
            ),
            ("/", "app.mocks.test", None),
            ("/m/shop", "App.mocks.test", Some(("shop", "/"))),
            ("/", "shop.mocks.test.", Some(("shop", "/"))),
            ("/", "Shop.Mocks.Test.:4000", Some(("shop", "/"))),
            ("/", "shop.mocks.test..", None),
            ("/", "mocks.test.", None),
            ("/", ".mocks.test", None),
            ("/", "a.b.mocks.test", None),
            ("/", "mocks.test", None),
            ("/", "evilmocks.test", None),
        ] {
            let found = Address::find(&uri.parse().unwrap(), host, Some("mocks.test"));
            if let Some(address) = &found {
                let target = Address::target(&uri.parse().unwrap(), address.own_host);
                assert_eq!(target, address.target, "{host}{uri}");
            }
            let found = found.as_ref();
            let found = found.map(|address| (address.slug.as_str(), address.target.as_str()));
            assert_eq!(found, expected, "{host}{uri}");
        }
    }
}
