use std::collections::HashSet;
use std::path::Path;

use super::*;

fn read(sources: &Sources) -> Config {
    Config::read(sources).unwrap()
}

#[test]
fn every_default_is_right() {
    let config = read(&Sources::default());
    assert_eq!(
        (config.listen.port, config.database.max_connections),
        (4000, 10)
    );
    assert_eq!(config.auth.registration, Registration::Open);
    assert!(
        matches!(&config.database.engine, Engine::Sqlite(file) if file == Path::new("mockbird-data/mockbird.db"))
    );
}

#[test]
fn names_are_unique() {
    for names in [Setting::flag, Setting::variable] {
        let all: Vec<_> = settings().map(names).collect();
        let distinct: HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }
}

#[test]
fn flags_win_over_variables_over_the_file_over_defaults() {
    let file = Sources::default().with_file_text(
        "mockbird.toml",
        "port = 1\nhost = 'h'\n[log]\nformat = 'json'",
    );
    assert_eq!(read(&file).listen.port, 1);
    let variable = file.with_variable("MOCKBIRD_PORT", "2");
    assert_eq!(read(&variable).listen.port, 2);
    let config = read(&variable.with_flag("port", "3"));
    assert_eq!((config.listen.port, config.listen.host.as_str()), (3, "h"));
    assert_eq!(config.log.format, LogFormat::Json);
}

#[test]
fn all_faults_are_named_with_their_source() {
    let file = "\
port = 70000
prot = 1
registration = 'maybe'
trusted_proxies = ['10.0.0.0/8', '10.0.0.0/99']
public_url = 'https://example.com/app'
[database]
url = 'mysql://root:hunter2@db/x'
max_connections = 0
acquire_timeout = 1.5
[redis]
url = 'http://root:hunter2@cache'
wait = '5'
[tls]
cert = 'cert.pem'
[rates]
login_account = '5'
";
    let sources = Sources::default()
        .with_file_text("mockbird.toml", file)
        .with_variable("MOCKBIRD_PROT", "80")
        .with_variable("MOCKBIRD_SMTP_HOST", "mail.example.com")
        .with_variable("MOCKBIRD_SMTP_PASSWORD", "hunter2")
        .with_variable("MOCKBIRD_LOG_FORMAT", "xml")
        .with_variable("MOCKBIRD_SERVICE_HOST", "10.0.0.1")
        .with_flag("log-level", "loud=very")
        .with_flag("limits-api-body", "lots")
        .with_flag("tokens-access", "10 parsecs")
        .with_flag("allowed-email-domains", "example.com,a..b")
        .with_flag("mocks-demo", "yes");
    let faults = Config::read(&sources).unwrap_err().to_string();
    assert!(!faults.contains("hunter2"), "{faults}");
    insta::assert_snapshot!(faults);
}

#[test]
fn a_file_that_is_no_toml_names_its_line() {
    let sources = Sources::default().with_file_text("mockbird.toml", "port = 1\nhost = \n");
    insta::assert_snapshot!(Config::read(&sources).unwrap_err());
    let missing = Sources::default().with_file(Path::new("no/such.toml"));
    let faults = Config::read(&missing).unwrap_err().to_string();
    assert!(
        faults.starts_with("no/such.toml: cannot be read"),
        "{faults}"
    );
}

#[test]
fn secrets_are_not_shown() {
    let sources = Sources::default()
        .with_variable("DATABASE_URL", "postgres://u:hunter2@db/x")
        .with_variable("MOCKBIRD_REDIS_URL", "rediss://u:hunter2@cache:6380")
        .with_variable("MOCKBIRD_SMTP_HOST", "mail")
        .with_variable("MOCKBIRD_SMTP_FROM", "a@example.com")
        .with_variable("MOCKBIRD_SMTP_USER", "u")
        .with_variable("MOCKBIRD_SMTP_PASSWORD", "hunter2");
    let shown = format!("{sources:?} {:?}", read(&sources));
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn networks_hold_their_addresses() {
    let config =
        read(&Sources::default().with_flag("trusted-proxies", "10.1.0.0/16, ::1, 0.0.0.0/0"));
    let [ten, one, all] = config.listen.trusted_proxies.as_slice() else {
        panic!("three ranges")
    };
    for (network, address, holds) in [
        (ten, "10.1.2.3", true),
        (ten, "::ffff:10.1.2.3", true),
        (ten, "10.2.0.1", false),
        (one, "::1", true),
        (one, "::2", false),
        (all, "192.0.2.1", true),
        (all, "::1", false),
    ] {
        assert_eq!(
            network.contains(address.parse().unwrap()),
            holds,
            "{address}"
        );
    }
}

/// Whoever has not proved an address may name one of any domain.
#[test]
fn domains_need_proved_addresses() {
    let domains = Sources::default().with_flag("allowed-email-domains", "corp.test");
    let faults = Config::read(&domains).unwrap_err().to_string();
    assert_eq!(
        faults,
        "--allowed-email-domains: anybody can name an address of a domain: set `verify_email` to `true` beside it, so that it is proved"
    );
    read(&domains.with_flag("verify-email", "true"));
}

/// Whoever wants the API at a host below the domain of mocks gives it a name that no project has.
#[test]
fn our_host_is_no_project() {
    let mocks = Sources::default().with_flag("mocks-domain", "mocks.test");
    let ours = |url: &str| Config::read(&mocks.clone().with_flag("public-url", url));
    let faults = ours("https://shop.mocks.test:8443")
        .unwrap_err()
        .to_string();
    insta::assert_snapshot!(faults);
    for url in [
        "https://app.mocks.test",
        "https://mocks.test",
        "https://shop.test",
    ] {
        ours(url).unwrap();
    }
}

#[test]
fn sizes() {
    for (text, bytes) in [
        ("0", 0),
        ("1000", 1000),
        ("500KB", 500_000),
        ("10 MiB", 10 << 20),
        ("2k", 2048),
        ("1gib", 1 << 30),
    ] {
        assert_eq!(size(text), Ok(bytes), "{text}");
    }
    for text in [
        "",
        "MB",
        "-1",
        "1.5MB",
        "10 parsecs",
        "99999999999999999999",
        "99999999999999GB",
    ] {
        assert!(size(text).is_err(), "{text}");
    }
}

/// The page in the repository is the one that the table makes.
#[test]
fn the_reference_page_is_in_step() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/CONFIGURATION.md");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    if committed != page() {
        // A run that may write makes it right; the next one passes.
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, page()).unwrap();
        panic!(
            "{} was not in step with the settings: it is written anew, commit it",
            path.display()
        );
    }
}

#[test]
fn who_mails_come_from_is_an_address() {
    let mail = Sources::default().with_flag("smtp-host", "mail.example.com");
    for from in ["mocks@example.com", "MockBird <mocks@example.com>"] {
        let config = read(&mail.clone().with_flag("smtp-from", from));
        assert_eq!(config.smtp.unwrap().from.to_string(), from);
    }
    let faults = Config::read(&mail.with_flag("smtp-from", "MockBird <nowhere>")).unwrap_err();
    assert_eq!(
        faults.to_string(),
        "--smtp-from: `MockBird <nowhere>` is no sender: write an address, or one such as `MockBird <mocks@example.com>`"
    );
}

#[test]
fn a_project_has_its_address() {
    for (public_url, domain, own_host, expected) in [
        ("https://a.co", None, true, "https://a.co/m/shop"),
        ("https://a.co", Some("b.co"), false, "https://a.co/m/shop"),
        ("https://a.co", Some("b.co"), true, "https://shop.b.co"),
        ("http://a.co:81", Some("b.co"), true, "http://shop.b.co:81"),
        ("http://[::1]", Some("b.co"), true, "http://shop.b.co"),
        ("http://[::1]:81", Some("b.co"), true, "http://shop.b.co:81"),
    ] {
        let mut sources = Sources::default().with_flag("public-url", public_url);
        if let Some(domain) = domain {
            sources = sources.with_flag("mocks-domain", domain);
        }
        let listen = Config::read(&sources).unwrap().listen;
        assert_eq!(listen.project_url("shop", own_host), expected);
    }
}
