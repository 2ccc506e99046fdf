//! Mock files in and out: what people write, and what a project has.

mod diff;
mod read;

pub use read::{Located, MockFile};

use mockbird_core::fault::Place;
use mockbird_core::json::Node;
use mockbird_core::spec::{self, Spec};
use serde_json::json;

use self::diff::{differences, pair_mocks, pair_responses};
use super::commit::News;
use super::mocks::{Change, MockWish};
use super::project_access::NO_PROJECT;
use super::projects::{deed, visibility};
use super::{Actor, App, AppError, Expected, ProjectWish, plan};
use crate::domain::{
    Feature, LogSettings, MockId, OrganizationId, ProjectId, Refusal, Slug, SlugStem,
};
use crate::store::{MockPlace, NewMock, Organization, POSITION_STEP, ProjectProfile};

/// What an import changes, or would change.
#[derive(Debug)]
pub struct Imported {
    /// The project afterwards; as it is, if nothing was to be changed.
    pub project: ProjectProfile,
    /// What changes of the project beside its mocks, such as `name`.
    pub about: Vec<String>,
    /// Mocks that are new.
    pub added: Vec<ImportedMock>,
    /// Mocks that are there and differ.
    pub changed: Vec<ImportedMock>,
    /// Mocks that are not in the file.
    pub removed: Vec<ImportedMock>,
    /// How many mocks stay as they are.
    pub unchanged: usize,
    /// Whether those that stay have another order.
    pub is_reordered: bool,
    /// What is probably a mistake in the file.
    pub warnings: Vec<Located>,
}

/// A mock of an import.
#[derive(Clone, Debug)]
pub struct ImportedMock {
    /// Its id; absent for one that is only looked at.
    pub id: Option<MockId>,
    /// What a mock file says of it.
    pub spec_id: Option<String>,
    /// What it is called.
    pub name: Option<String>,
    /// The method it answers.
    pub method: String,
    /// The path it answers.
    pub path: String,
    /// Where it differs, if it is changed.
    pub differences: Vec<String>,
}

impl ImportedMock {
    fn new(id: Option<MockId>, mock: &spec::Mock, differences: Vec<String>) -> Self {
        Self {
            id,
            spec_id: mock.id.clone(),
            name: mock.name.clone(),
            method: mock.method.clone().unwrap_or_default().as_str().to_owned(),
            path: mock.path.clone(),
            differences,
        }
    }
}

impl App {
    /// Makes a project of a mock file. Without a slug it gets that of the file, or the first free one of its name.
    pub async fn project_import_new(
        &self,
        organization: OrganizationId,
        slug: Option<Slug>,
        file: MockFile,
        actor: &Actor,
    ) -> Result<(ProjectProfile, Vec<Located>), AppError> {
        let MockFile { spec, warnings } = file;
        let whole = self.organization_get(organization).await?;
        allow(&whole, &spec)?;
        let of_file = spec.slug.as_deref().map(str::parse).transpose();
        let of_file = of_file.map_err(|refusal: Refusal| AppError::Refused("slug", refusal))?;
        let wish = ProjectWish {
            name: spec.name.clone(),
            slug: slug.or(of_file),
            description: spec.description.clone(),
            is_public: spec.is_public,
            cors: spec.cors,
            seed: None,
            logs: LogSettings::default(),
            is_active: true,
        };
        let of_name = SlugStem::of_name(&spec.name);
        let deed = "project.imported";
        let made = self.project_make(organization, &wish, of_name, Some(spec), deed, actor);
        Ok((made.await?, warnings))
    }

    /// Puts a mock file in the place of what a project has: all of it or nothing. What is the same keeps its row, and with
    /// it what was logged of it. If it is `dry`, nothing changes.
    pub async fn project_import(
        &self,
        organization: OrganizationId,
        id: ProjectId,
        mut file: MockFile,
        dry: bool,
        expected: &Expected,
        actor: &Actor,
    ) -> Result<Imported, AppError> {
        let (tx, whole, before) = self.project_edit(organization, id).await?;
        expected.check(before.version)?;
        allow(&whole, &file.spec)?;
        let mut change = Change {
            app: self,
            tx,
            organization: whole,
            project: before,
            actor,
            now: self.clock().now(),
        };
        change.settle(&mut file).await?;
        let kept = change.tx.project_spec_load(organization, id).await?;
        let kept = kept.ok_or(NO_PROJECT)?;
        // In the order of the spec.
        let places = change.tx.mock_places(id).await?;
        let compared = Comparison::new(kept, places, &file.spec, change.now);
        if !dry && !compared.is_empty() {
            change.import(&compared, &file.spec).await?;
        }
        let project = change.tx.project_profile(organization, id).await?;
        let project = project.ok_or(NO_PROJECT)?;
        if !dry && !compared.is_empty() {
            let slug = project.project.slug.to_string();
            self.commit(change.tx, News::Forget(vec![slug])).await?;
        }
        Ok(compared.report(project, &file, dry))
    }

    /// A project as a mock file.
    pub async fn project_export(
        &self,
        organization: OrganizationId,
        id: ProjectId,
    ) -> Result<(ProjectProfile, Node), AppError> {
        let mut read = self.store().snapshot().await?;
        let project = read.project_profile(organization, id).await?;
        let project = project.ok_or(NO_PROJECT)?;
        let plan = project.project.plan;
        if !plan.includes(Feature::Files) {
            return Err(AppError::NotInPlan(Feature::Files, plan));
        }
        let spec = read.project_spec_load(organization, id).await?;
        let spec = spec.ok_or(NO_PROJECT)?;
        Ok((project, spec.to_node()))
    }
}

/// Refuses a file that the organization's plan does not include.
fn allow(organization: &Organization, spec: &Spec) -> Result<(), AppError> {
    plan::require(organization, Feature::Files)?;
    let mut all = spec.mocks.iter();
    all.try_for_each(|mock| plan::require_of_mock(organization, mock))
}

/// A file beside what a project has.
struct Comparison {
    kept: Spec,
    places: Vec<MockPlace>,
    /// For each mock of the file: which of the kept ones it is, and its id.
    mocks: Vec<(Option<usize>, MockId)>,
    /// For each mock of the file: where it differs from what is kept.
    differences: Vec<Vec<String>>,
    about: Vec<String>,
}

impl Comparison {
    fn new(kept: Spec, places: Vec<MockPlace>, spec: &Spec, now: crate::domain::Millis) -> Self {
        let pairs = pair_mocks(&kept.mocks, &spec.mocks);
        let mocks = pairs.iter().map(|old| match old {
            Some(old) => (Some(*old), places[*old].id),
            None => (None, MockId::new(now)),
        });
        let mocks = mocks.collect();
        let differences = spec.mocks.iter().zip(&pairs).map(|(mock, old)| match old {
            Some(old) => differences(&kept.mocks[*old].to_node(), &mock.to_node()),
            None => Vec::new(),
        });
        let differences = differences.collect();
        let about = self::differences(&about(&kept), &about(spec));
        Self {
            kept,
            places,
            mocks,
            differences,
            about,
        }
    }

    /// The kept mocks that are not in the file.
    fn removed(&self) -> impl Iterator<Item = (MockId, &spec::Mock)> {
        let mut is_kept = vec![false; self.kept.mocks.len()];
        for (old, _) in &self.mocks {
            if let Some(old) = old {
                is_kept[*old] = true;
            }
        }
        let all = self.places.iter().zip(&self.kept.mocks).zip(is_kept);
        all.filter(|(_, is_kept)| !is_kept)
            .map(|((place, mock), _)| (place.id, mock))
    }

    fn is_reordered(&self) -> bool {
        let old = self.mocks.iter().filter_map(|(old, _)| *old);
        !old.is_sorted()
    }

    fn is_empty(&self) -> bool {
        self.about.is_empty()
            && self.differences.iter().all(Vec::is_empty)
            && self.mocks.iter().all(|(old, _)| old.is_some())
            && self.removed().next().is_none()
            && !self.is_reordered()
    }

    fn report(self, project: ProjectProfile, file: &MockFile, dry: bool) -> Imported {
        let removed = self.removed();
        let removed = removed.map(|(id, mock)| ImportedMock::new(Some(id), mock, Vec::new()));
        let removed = removed.collect();
        let is_reordered = self.is_reordered();
        let (mut added, mut changed, mut unchanged) = (Vec::new(), Vec::new(), 0);
        let all = self
            .mocks
            .iter()
            .zip(&file.spec.mocks)
            .zip(self.differences);
        for (((old, id), mock), differences) in all {
            match old {
                None => added.push(ImportedMock::new((!dry).then_some(*id), mock, differences)),
                Some(_) if differences.is_empty() => unchanged += 1,
                Some(_) => changed.push(ImportedMock::new(Some(*id), mock, differences)),
            }
        }
        Imported {
            project,
            about: self.about,
            added,
            changed,
            removed,
            unchanged,
            is_reordered,
            warnings: file.warnings.clone(),
        }
    }
}

/// What a spec says beside its mocks.
fn about(spec: &Spec) -> Node {
    let alone = Spec {
        name: spec.name.clone(),
        slug: None,
        description: spec.description.clone(),
        is_public: spec.is_public,
        cors: spec.cors,
        seed: spec.seed,
        mocks: Vec::new(),
        extensions: spec.extensions.clone(),
    };
    alone.to_node()
}

impl Change<'_> {
    /// What a file does not decide: who may call a project of which it says nothing, and its slug.
    async fn settle(&mut self, file: &mut MockFile) -> Result<(), AppError> {
        let wished = file.spec.is_public;
        if wished.is_none() {
            file.spec.is_public = self.project.is_public;
        } else {
            let settings = self.tx.settings_get(self.organization.id).await?;
            let settings = settings.ok_or(NO_PROJECT)?;
            if wished != Some(settings.of_calls().publishes(self.project.is_public)) {
                visibility(&settings, wished)?;
            }
        }
        let own = self.project.slug.as_str();
        if file.spec.slug.as_deref().is_some_and(|slug| slug != own) {
            let message =
                format!("the project keeps its slug `{own}`: addresses that are in use stay");
            file.warn(
                &Place::ROOT.key("slug"),
                message,
                "change the slug of the project itself",
            );
        }
        Ok(())
    }

    /// Brings the rows to what the file has.
    async fn import(&mut self, compared: &Comparison, spec: &Spec) -> Result<(), AppError> {
        let (organization, project) = (self.organization.id, self.project.id);
        self.tx
            .project_spec_about_save(organization, project, spec, self.now)
            .await?;
        let removed: Vec<_> = compared.removed().map(|(id, _)| id).collect();
        self.tx.mock_delete(project, &removed, self.now).await?;
        self.import_changed(compared, spec).await?;
        let (mut added, mut moved) = (Vec::new(), Vec::new());
        for (place, ((old, id), mock)) in (0..).zip(compared.mocks.iter().zip(&spec.mocks)) {
            let (id, position) = (*id, place * POSITION_STEP);
            match old {
                None => added.push(NewMock { id, position, mock }),
                Some(old) if compared.places[*old].position != position => {
                    moved.push(MockPlace { id, position });
                }
                Some(_) => {}
            }
        }
        self.tx.mock_move_all(project, &moved).await?;
        self.insert(&added).await?;
        plan::mocks_fit(&mut self.tx, &self.organization).await?;
        let changed = compared.differences.iter().filter(|all| !all.is_empty());
        let changes = json!({
            "before": { "mocks": compared.kept.mocks.len() },
            "after": {
                "mocks": spec.mocks.len(),
                "added": added.len(),
                "changed": changed.count(),
                "removed": removed.len(),
            },
        });
        let deed = deed("project.imported", project);
        let entry = self.actor.entry(organization, deed, &changes, self.now);
        Ok(self.tx.audit_insert(&entry).await?)
    }

    async fn import_changed(&mut self, compared: &Comparison, spec: &Spec) -> Result<(), AppError> {
        let changed = compared
            .mocks
            .iter()
            .zip(&compared.differences)
            .zip(&spec.mocks);
        let changed = changed.filter(|((_, differences), _)| !differences.is_empty());
        let changed: std::collections::HashMap<_, _> =
            changed.map(|(((_, id), _), mock)| (*id, mock)).collect();
        let ids: Vec<_> = changed.keys().copied().collect();
        let (organization, project) = (self.organization.id, self.project.id);
        let kept = self.tx.mock_get_all(organization, project, &ids).await?;
        for before in kept {
            let Some(mock) = changed.get(&before.about.id) else {
                continue;
            };
            let pairs = pair_responses(&before.spec.responses, &mock.responses);
            let id_of = |old: Option<usize>| old.map(|old| before.responses[old].id);
            let wish = MockWish {
                spec: (*mock).clone(),
                responses: pairs.into_iter().map(id_of).collect(),
                version: None,
            };
            self.tx.mock_update(before.about.id, mock, self.now).await?;
            self.save_responses(&before, &wish).await?;
        }
        Ok(())
    }
}
