//! The command itself: what it prints, makes, refuses, and how it ends.

use crate::support::process::{Serving, serve};

#[test]
fn it_starts_with_nothing_answers_ends_and_starts_again() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path(), &[]);
    let address = &serving.address;
    assert!(
        serving
            .printed
            .contains(&format!("API docs       http://{address}/api/docs\n")),
        "{}",
        serving.printed
    );
    assert!(
        serving
            .printed
            .contains(&format!("http://{address}/m/demo/hello/you\n")),
        "{}",
        serving.printed
    );
    assert!(serving.get("/m/demo/hello/you").contains("Hello you"));
    let secret = std::fs::read(folder.path().join("data/signing-secret")).unwrap();
    assert!(folder.path().join("data/mockbird.db").is_file());
    let ended = serving.terminate();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");

    let again = Serving::start(folder.path(), &[]);
    assert!(again.get("/m/demo/birds/dodo").contains("extinct"));
    assert_eq!(
        std::fs::read(folder.path().join("data/signing-secret")).unwrap(),
        secret
    );
    again.terminate();
}

#[test]
fn a_wrong_configuration_is_refused_with_all_its_faults() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("mockbird.toml"),
        "port = 'high'\nmax_conections = 3\n",
    )
    .unwrap();
    let refused = serve(folder.path(), &["--log-format", "xml"])
        .env("MOCKBIRD_REGISTRATION", "perhaps")
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
    insta::assert_snapshot!(String::from_utf8(refused.stderr).unwrap());
    assert!(
        !folder.path().join("mockbird-data").exists(),
        "nothing is made"
    );
}

#[test]
fn its_help_lists_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    let help = serve(folder.path(), &["--help"]).output().unwrap();
    assert!(help.status.success());
    insta::assert_snapshot!(String::from_utf8(help.stdout).unwrap());
}
