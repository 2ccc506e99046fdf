//! Projects: what has a slug and mocks.

use mockbird_core::spec::Spec;
use serde_json::{Value, json};

use super::actor::Deed;
use super::commit::News;
use super::project_access::NO_PROJECT;
use super::{Actor, App, AppError, Expected, Identity, Intent, Presence, plan};
use crate::domain::{
    Feature, LogSettings, LogSettingsPatch, Name, OrganizationId, Page, Paged, Patch, ProjectId,
    Role, Seed, Slug, SlugStem, Visibility,
};
use crate::store::{
    Constraint, Project, ProjectAbout, ProjectFilter, ProjectProfile, Settings, SlugOf, StoreError,
    Tx,
};

/// What a project is wished to be.
#[derive(Clone, Debug)]
pub struct ProjectWish {
    /// What it is called.
    pub name: String,
    /// Its name in addresses; absent, the first free one that the name suggests.
    pub slug: Option<Slug>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether anybody may call it; absent, as its organization set.
    pub is_public: Option<bool>,
    /// Whether pages of any origin may call it.
    pub cors: Option<bool>,
    /// What its draws depend on.
    pub seed: Option<Seed>,
    /// What is kept of its requests.
    pub logs: LogSettings,
    /// Whether it answers.
    pub is_active: bool,
}

impl ProjectWish {
    fn about(&self, slug: Slug, is_public: bool) -> ProjectAbout {
        ProjectAbout {
            name: self.name.clone(),
            slug,
            description: self.description.clone(),
            is_public: Some(is_public),
            cors: self.cors,
            seed: self.seed,
            logs: self.logs.clone(),
            is_active: self.is_active,
            archived_at: None,
        }
    }
}

/// How somebody changes a project; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct ProjectPatch {
    /// What it is called.
    pub name: Option<Name>,
    /// Its name in addresses.
    pub slug: Option<Slug>,
    /// What it is for.
    pub description: Patch<String>,
    /// Whether anybody may call it.
    pub is_public: Patch<bool>,
    /// Whether pages of any origin may call it.
    pub cors: Patch<bool>,
    /// What its draws depend on.
    pub seed: Patch<Seed>,
    /// What is kept of its requests.
    pub logs: LogSettingsPatch,
    /// Whether it answers.
    pub is_active: Option<bool>,
}

/// Which projects somebody asks for.
#[derive(Clone, Debug, Default)]
pub struct ProjectQuery {
    /// Those of one organization.
    pub organization: Option<OrganizationId>,
    /// The one of this slug.
    pub slug: Option<String>,
    /// Those in the archive, or those that are not there.
    pub archived: Option<bool>,
    /// Those that are there, or those that were deleted.
    pub presence: Presence,
}

impl App {
    /// The projects that somebody may see: of a user those of all its organizations, of a key those it opens.
    pub async fn project_list(
        &self,
        identity: &Identity,
        query: ProjectQuery,
        page: Page,
    ) -> Result<Paged<ProjectProfile>, AppError> {
        let mut filter = ProjectFilter {
            organization: query.organization,
            slug: query.slug,
            archived: query.archived,
            deleted: query.presence == Presence::Deleted,
            ..ProjectFilter::default()
        };
        match identity {
            Identity::User { user, .. } => {
                if let Some(organization) = query.organization {
                    self.authorise(identity, organization, Role::Viewer, Intent::Read)
                        .await?;
                }
                filter.member = Some(*user);
            }
            Identity::Key(key) => {
                if query
                    .organization
                    .is_some_and(|asked| asked != key.organization)
                {
                    return Err(AppError::NotFound("organization"));
                }
                if key.permissions.role().is_none() {
                    return Err(AppError::Role(Role::Viewer));
                }
                filter.organization = Some(key.organization);
                filter.project = key.project;
            }
        }
        let mut read = self.store().snapshot().await?;
        Ok(read.project_list(&filter, page).await?)
    }

    /// Makes a project without mocks.
    pub async fn project_create(
        &self,
        organization: OrganizationId,
        wish: &ProjectWish,
        actor: &Actor,
    ) -> Result<ProjectProfile, AppError> {
        let of_name = SlugStem::of_name(&wish.name);
        self.project_make(organization, wish, of_name, None, "project.created", actor)
            .await
    }

    /// Makes a project, with the mocks of a file if there is one. Without a slug it gets the first free one of the suggested
    /// ones.
    pub(super) async fn project_make(
        &self,
        organization: OrganizationId,
        wish: &ProjectWish,
        suggested: SlugStem,
        spec: Option<Spec>,
        action: &'static str,
        actor: &Actor,
    ) -> Result<ProjectProfile, AppError> {
        let now = self.clock().now();
        let id = ProjectId::new(now);
        let (mut tx, whole) = self.organization_begin(organization).await?;
        let settings = tx.settings_get(organization).await?.ok_or(NO_PROJECT)?;
        let is_public = visibility(&settings, wish.is_public)?;
        let author = actor.who.user();
        let mut from = 1;
        let slug = loop {
            let (slug, number) = match &wish.slug {
                Some(slug) => (slug.clone(), from),
                None => tx.slug_near(SlugOf::Project, &suggested, from).await?,
            };
            let about = wish.about(slug.clone(), is_public);
            if tx
                .project_insert_about(id, organization, &about, author, now)
                .await?
            {
                break slug;
            }
            if wish.slug.is_some() {
                // The suggestion takes another transaction.
                drop(tx);
                return Err(self.slug_taken(slug).await?);
            }
            // Somebody else was given it meanwhile.
            from = number + 1;
        };
        if let Some(mut spec) = spec {
            // A file that says nothing is private where nothing is set.
            spec.is_public = spec.is_public.or(is_public.then_some(true));
            tx.project_spec_save(organization, id, &spec, author, now)
                .await?;
            plan::mocks_fit(&mut tx, &whole).await?;
        }
        let made = tx.project_profile(organization, id).await?;
        let made = made.ok_or(NO_PROJECT)?;
        let changes = json!({ "after": told(&made.project) });
        tx.audit_insert(&actor.entry(organization, deed(action, id), &changes, now))
            .await?;
        // It may have been asked for before it was there.
        self.commit(tx, News::Forget(vec![slug.to_string()]))
            .await?;
        Ok(made)
    }

    /// Where the mocks of a project answer: at a host of its own, where there are such and its plan includes one.
    pub fn project_url(&self, project: &Project) -> String {
        let own_host = project.plan.includes(Feature::Subdomain);
        let slug = project.slug.as_str();
        self.config().listen.project_url(slug, own_host)
    }

    /// A project of the organization.
    pub async fn project_get(
        &self,
        organization: OrganizationId,
        id: ProjectId,
    ) -> Result<ProjectProfile, AppError> {
        let mut read = self.store().read().await?;
        let found = read.project_profile(organization, id).await?;
        found.ok_or(NO_PROJECT)
    }

    /// Changes what is said of a project.
    pub async fn project_change(
        &self,
        organization: OrganizationId,
        id: ProjectId,
        patch: ProjectPatch,
        expected: &Expected,
        actor: &Actor,
    ) -> Result<ProjectProfile, AppError> {
        let (mut tx, _, before) = self.project_edit(organization, id).await?;
        expected.check(before.version)?;
        let mut about = about(&before);
        if let Patch::Put(is_public) = patch.is_public {
            let settings = tx.settings_get(organization).await?.ok_or(NO_PROJECT)?;
            if is_public != Some(settings.of_calls().publishes(before.is_public)) {
                about.is_public = Some(visibility(&settings, is_public)?);
            }
        }
        about.name = patch
            .name
            .map_or(about.name, |name| name.as_str().to_owned());
        about.slug = patch.slug.unwrap_or(about.slug);
        about.description = patch.description.of(about.description);
        if patch.cors != Patch::Put(Some(before.has_cors())) {
            about.cors = patch.cors.of(about.cors);
        }
        about.seed = patch.seed.of(about.seed);
        about.logs = patch.logs.of(about.logs);
        about.is_active = patch.is_active.unwrap_or(about.is_active);
        self.project_finish(tx, &before, &about, "project.changed", actor)
            .await
    }

    /// Writes down a change of a project, if it is one, and ends it.
    pub(super) async fn project_finish(
        &self,
        mut tx: Tx,
        before: &Project,
        about: &ProjectAbout,
        action: &'static str,
        actor: &Actor,
    ) -> Result<ProjectProfile, AppError> {
        let (organization, id, now) = (before.organization, before.id, self.clock().now());
        if *about == self::about(before) {
            let same = tx.project_profile(organization, id).await?;
            return same.ok_or(NO_PROJECT);
        }
        if let Err(error) = tx.project_update(organization, id, about, now).await {
            // The transaction is at its end, and the suggestion takes another.
            drop(tx);
            return Err(if is_slug(&error) {
                self.slug_taken(about.slug.clone()).await?
            } else {
                error.into()
            });
        }
        let after = tx.project_profile(organization, id).await?;
        let after = after.ok_or(NO_PROJECT)?;
        if about.slug != before.slug {
            let version = after.project.version;
            tx.project_slug_release(id, &before.slug, version, now)
                .await?;
        }
        let changes = json!({ "before": told(before), "after": told(&after.project) });
        tx.audit_insert(&actor.entry(organization, deed(action, id), &changes, now))
            .await?;
        let slugs = vec![before.slug.to_string(), about.slug.to_string()];
        self.commit(tx, News::Forget(slugs)).await?;
        Ok(after)
    }
}

/// Whether a project is public that is wished to be so, or of which nobody says.
pub(super) fn visibility(settings: &Settings, wished: Option<bool>) -> Result<bool, AppError> {
    let default = settings.default_visibility == Visibility::Public;
    match wished {
        Some(true) if !settings.allow_public_projects => {
            let why = "the settings of the organization allow no public projects";
            Err(AppError::Invalid("isPublic", why))
        }
        wished => Ok(wished.unwrap_or(default)),
    }
}

/// What is said of a project.
pub(super) fn about(project: &Project) -> ProjectAbout {
    ProjectAbout {
        name: project.name.clone(),
        slug: project.slug.clone(),
        description: project.description.clone(),
        is_public: project.is_public,
        cors: project.cors,
        seed: project.seed,
        logs: project.log_settings(),
        is_active: project.is_active,
        archived_at: project.archived_at,
    }
}

fn is_slug(error: &StoreError) -> bool {
    matches!(error, StoreError::Taken(Constraint::ProjectSlug))
}

pub(super) fn deed(action: &'static str, id: ProjectId) -> Deed {
    Deed {
        action,
        kind: "project",
        id: id.to_string(),
    }
}

/// What the audit log tells of it.
pub(super) fn told(project: &Project) -> Value {
    json!({
        "name": project.name,
        "slug": project.slug.as_str(),
        "description": project.description,
        "isPublic": project.is_public,
        "cors": project.cors,
        "seed": project.seed.map(|seed| seed.0),
        "logs": { "storeBodies": project.log_bodies, "redact": project.log_redact.all() },
        "isActive": project.is_active,
        "isArchived": project.archived_at.is_some(),
    })
}
