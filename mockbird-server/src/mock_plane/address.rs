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
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        if let Some(slug) = domain.and_then(|domain| Slug::of_host(host, domain)) {
            return Some(Self {
                slug,
                target: target.to_owned(),
                own_host: true,
            });
        }
        let rest = target.strip_prefix("/m/")?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (slug, inside) = rest.split_at(end);
        let root = if inside.starts_with('/') { "" } else { "/" };
        Some(Self {
            slug: slug.to_owned(),
            target: format!("{root}{inside}"),
            own_host: false,
        })
    }
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
            let found = found.as_ref();
            let found = found.map(|address| (address.slug.as_str(), address.target.as_str()));
            assert_eq!(found, expected, "{host}{uri}");
        }
    }
}
