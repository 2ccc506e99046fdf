//! What organizations use: counted in memory, and written down every few seconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::event::Event;
use super::{MockPlane, notify};
use crate::domain::{Month, OrganizationId};
use crate::store::{StoreError, Used, Written};

/// What is counted for one organization and not written down yet: it stays here until it is.
#[derive(Debug, Default)]
pub(super) struct Usage {
    /// Months in turn, so that one may begin before the last is written down.
    even: Counts,
    odd: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    requests: AtomicU64,
    bytes: AtomicU64,
    errors: AtomicU64,
    /// What all servers had written down when this one last heard of it.
    known: Known,
}

#[derive(Debug, Default)]
struct Known {
    requests: AtomicU64,
    bytes: AtomicU64,
}

impl Usage {
    pub(super) fn count(&self, event: &Event) {
        let counts = self.of(Month::of(event.at));
        counts.requests.fetch_add(1, Ordering::Relaxed);
        counts.bytes.fetch_add(event.bytes, Ordering::Relaxed);
        if event.status >= 400 {
            counts.errors.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Requests and bytes that all servers used in the month, as far as this one knows: what others served since it last wrote
    /// something down, it does not.
    pub(super) fn used(&self, month: Month) -> (u64, u64) {
        let Counts {
            requests,
            bytes,
            known,
            ..
        } = self.of(month);
        let sum = |counted: &AtomicU64, known: &AtomicU64| {
            counted.load(Ordering::Relaxed) + known.load(Ordering::Relaxed)
        };
        (sum(requests, &known.requests), sum(bytes, &known.bytes))
    }

    /// Learns what all servers have written down. It only grows in a month, whoever is first to tell.
    pub(super) fn learn(&self, month: Month, written: Used) {
        let known = &self.of(month).known;
        known
            .requests
            .fetch_max(written.requests, Ordering::Relaxed);
        known.bytes.fetch_max(written.bytes, Ordering::Relaxed);
    }

    /// Makes room for what will be known of the next month.
    fn forget_next(&self, month: Month) {
        let known = &self.of(month.next()).known;
        known.requests.store(0, Ordering::Relaxed);
        known.bytes.store(0, Ordering::Relaxed);
    }

    fn of(&self, month: Month) -> &Counts {
        if month.is_odd() {
            &self.odd
        } else {
            &self.even
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.even.read() == Used::default() && self.odd.read() == Used::default()
    }
}

impl Counts {
    fn read(&self) -> Used {
        Used {
            requests: self.requests.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            errors: self.errors.load(Ordering::Relaxed),
        }
    }

    fn subtract(&self, written: Used) {
        self.requests.fetch_sub(written.requests, Ordering::Relaxed);
        self.bytes.fetch_sub(written.bytes, Ordering::Relaxed);
        self.errors.fetch_sub(written.errors, Ordering::Relaxed);
    }
}

impl MockPlane {
    /// Writes down what was counted since the last time. What cannot be written is kept for the next time; where the database
    /// broke off and nobody knows whether it was, it is counted twice at worst.
    pub async fn write_usage(&self) -> Result<(), StoreError> {
        let _alone = self.writing_usage.lock().await;
        let counted = self.counted();
        let rows: Vec<_> = counted
            .iter()
            .map(|(organization, _, month, used)| (*organization, *month, *used))
            .collect();
        let written = if rows.is_empty() {
            Vec::new()
        } else {
            self.usage_write(&rows).await?
        };
        // For a moment too little is known to be used, which refuses nobody.
        for (_, usage, month, used) in counted {
            usage.of(month).subtract(used);
        }
        self.usage_learn(&written);
        self.tenants.prune();
        Ok(())
    }

    async fn usage_write(
        &self,
        rows: &[(OrganizationId, Month, Used)],
    ) -> Result<Vec<Written>, StoreError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let written = tx.usage_add(rows, now).await?;
        for total in &written {
            notify(&mut tx, total, now).await?;
        }
        tx.commit().await?;
        Ok(written)
    }

    fn usage_learn(&self, written: &[Written]) {
        let this = Month::of(self.clock.now());
        for total in written.iter().filter(|total| total.month == this) {
            if let Some(usage) = self.tenants.usage.get(total.organization) {
                usage.learn(this, total.used);
            }
        }
        for (_, usage) in self.tenants.usage.all() {
            usage.forget_next(this);
        }
    }

    /// What an organization has used in this month, to the last request that this server answered.
    pub async fn usage(&self, organization: OrganizationId) -> Result<(Month, Used), StoreError> {
        // What is being written would be found twice, or not at all.
        let _alone = self.writing_usage.lock().await;
        let month = Month::of(self.clock.now());
        let mut read = self.store.read().await?;
        let written = read.usage_get(organization, month).await?;
        let counted = self.tenants.usage.get(organization);
        let counted = counted.map_or_else(Used::default, |usage| usage.of(month).read());
        Ok((month, written + counted))
    }

    /// In the order of the organizations: servers that write at the same time must not wait for each other in a circle.
    fn counted(&self) -> Vec<(OrganizationId, Arc<Usage>, Month, Used)> {
        let mut all = self.tenants.usage.all();
        all.sort_unstable_by_key(|(organization, _)| *organization);
        let read = all.into_iter().map(|(organization, usage)| {
            let counts = (usage.even.read(), usage.odd.read());
            (organization, usage, counts)
        });
        let read: Vec<_> = read.collect();
        // After the counts: whatever is in them was asked for in this month or the last.
        let this = Month::of(self.clock.now());
        let by_month = read
            .into_iter()
            .flat_map(|(organization, usage, (even, odd))| {
                [this.previous(), this].map(|month| {
                    let used = if month.is_odd() { odd } else { even };
                    (organization, Arc::clone(&usage), month, used)
                })
            });
        by_month
            .filter(|(.., used)| *used != Used::default())
            .collect()
    }
}
