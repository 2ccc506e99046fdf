//! The table of what is counted: names, constants and descriptions from one list.

/// Something that is counted, for the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name at `/metrics`.
    pub name: &'static str,
    /// What kind of number it is.
    pub kind: MetricKind,
    /// By what it is told apart.
    pub labels: &'static [&'static str],
    /// What it means.
    pub meaning: &'static str,
}

/// Kinds of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// It only grows, until the process ends.
    Counter,
    /// How much there is at the moment.
    Gauge,
    /// How many there were of each size.
    Histogram,
}

impl Metric {
    /// Gives the page of the metrics its description.
    pub(super) fn describe(&self) {
        let meaning = self.meaning.trim();
        match self.kind {
            MetricKind::Counter => metrics::describe_counter!(self.name, meaning),
            MetricKind::Gauge => metrics::describe_gauge!(self.name, meaning),
            MetricKind::Histogram => metrics::describe_histogram!(self.name, meaning),
        }
    }
}

/// Defines the constants and the table of metrics.
macro_rules! metrics_table {
    ($($(#[doc = $meaning:literal])+ $kind:ident $constant:ident = $name:literal, [$($label:literal),*];)*) => {
        $(
            $(#[doc = $meaning])+
            pub const $constant: &str = $name;
        )*

        /// Everything that is counted.
        pub const METRICS: &[Metric] = &[
            $(Metric {
                name: $name,
                kind: MetricKind::$kind,
                labels: &[$($label),*],
                meaning: concat!($($meaning),+),
            },)*
        ];
    };
}

pub(super) use metrics_table;
