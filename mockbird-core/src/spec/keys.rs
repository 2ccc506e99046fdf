//! The keys of a spec, level by level.

use super::named::{Named, named};

named! {
    /// The keys of a spec itself.
    pub(super) enum SpecKey {
        Name = "name",
        Slug = "slug",
        Description = "description",
        IsPublic = "isPublic",
        Cors = "cors",
        Seed = "seed",
        Mocks = "mocks",
    }
}

named! {
    /// The keys of a mock.
    pub(super) enum MockKey {
        Id = "id",
        Name = "name",
        Description = "description",
        Method = "method",
        Path = "path",
        ResponseType = "responseType",
        ResponseDelay = "responseDelay",
        RateLimit = "rateLimit",
        Priority = "priority",
        IsActive = "isActive",
        Responses = "responses",
    }
}

named! {
    /// The keys of a response.
    pub(super) enum ResponseKey {
        Id = "id",
        Name = "name",
        StatusCode = "statusCode",
        Headers = "headers",
        Body = "body",
        BodyBase64 = "bodyBase64",
        BodyFile = "bodyFile",
        Conditions = "conditions",
        Weight = "weight",
        IsDefault = "isDefault",
        ResponseDelay = "responseDelay",
        Template = "template",
    }
}

named! {
    /// The keys of a condition: those of a test, and those of a group.
    pub(super) enum ConditionKey {
        Type = "type",
        Field = "field",
        Operator = "operator",
        Value = "value",
        Negate = "negate",
        CaseInsensitive = "caseInsensitive",
        Any = "any",
        All = "all",
        Not = "not",
    }
}

named! {
    /// The keys of a delay that is not always the same.
    pub(super) enum DelayKey {
        Min = "min",
        Max = "max",
        Median = "median",
        Sigma = "sigma",
    }
}

named! {
    /// The keys of a rate limit.
    pub(super) enum RateLimitKey {
        Requests = "requests",
        Per = "per",
        StatusCode = "statusCode",
    }
}

/// An enum of keys, and what holds them.
pub(super) trait Level: Named {
    /// What has these keys, as a person would say it.
    const HOLDER: &'static str;

    /// True for a key that is kept and ignored: those that begin with `x-` are the user's.
    fn is_extension(key: &str) -> bool {
        key.starts_with("x-")
    }
}

impl Level for SpecKey {
    const HOLDER: &'static str = "a spec";

    /// `$schema` tells an editor which JSON Schema helps to write the file.
    fn is_extension(key: &str) -> bool {
        key.starts_with("x-") || key == "$schema"
    }
}

impl Level for MockKey {
    const HOLDER: &'static str = "a mock";
}

impl Level for ResponseKey {
    const HOLDER: &'static str = "a response";
}

impl Level for ConditionKey {
    const HOLDER: &'static str = "a condition";
}

impl Level for DelayKey {
    const HOLDER: &'static str = "a delay";
}

impl Level for RateLimitKey {
    const HOLDER: &'static str = "a rate limit";
}

/// All levels, for a key that stands on the wrong one.
pub(super) const LEVELS: [(&str, &[&str]); 6] = [
    (SpecKey::HOLDER, SpecKey::NAMES),
    (MockKey::HOLDER, MockKey::NAMES),
    (ResponseKey::HOLDER, ResponseKey::NAMES),
    (ConditionKey::HOLDER, ConditionKey::NAMES),
    (DelayKey::HOLDER, DelayKey::NAMES),
    (RateLimitKey::HOLDER, RateLimitKey::NAMES),
];
