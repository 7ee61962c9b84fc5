//! Holds the repository to its own rules. Each rule is a function over texts and paths, in a file
//! of its own, beside a control that breaks it and is found out.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod banned;
mod branching;
mod checkout;
mod examples;
mod floors;
mod formatting;
mod links;
mod markdown;
mod mentions;
mod names;
mod problem;
mod reach;
mod registered;
mod sizes;
mod store_docs;
mod store_promises;
mod workspace;

use lab_runtime::Threads;

use crate::problem::{File, assert_none, files};
use crate::registered::registered;
use crate::workspace::{packages, packages_of};

#[test]
fn crates_import_only_from_lower_floors() {
    let architecture = files().iter().find(|file| file.path == "ARCHITECTURE.md");
    assert_none(&floors::check(architecture.unwrap(), &packages()));
}

#[test]
fn files_and_lines_are_short() {
    assert_none(&sizes::check(files(), &registered(files())));
}

#[test]
fn nothing_is_named_after_nothing() {
    assert_none(&names::check(files()));
}

#[test]
fn every_source_file_is_compiled() {
    let mut packages = packages();
    packages.extend(packages_of("fuzz/Cargo.toml"));
    let roots: Vec<&str> = packages.iter().flat_map(|one| &one.roots).map(String::as_str).collect();
    assert_none(&reach::check(files(), &roots));
}

#[test]
fn every_document_is_mentioned_where_readers_begin() {
    assert_none(&mentions::check(files()));
}

#[test]
fn every_link_leads_somewhere() {
    assert_none(&links::check(files()));
}

#[test]
fn every_store_file_is_a_lesson() {
    let entries = lab_catalog::entries::<Threads>();
    assert_none(&store_docs::check(files(), &registered(files()), &entries));
}

#[test]
fn no_store_says_two_things_of_one_scenario() {
    let entries = lab_catalog::entries::<Threads>();
    assert_none(&store_promises::check(files(), &registered(files()), &entries));
}

#[test]
fn nobody_branches_on_a_store_s_name() {
    let families = lab_catalog::FAMILIES.map(|family| family.name);
    assert_none(&branching::check(files(), &families, &branching::EXAMPLES));
}

#[test]
fn no_test_waits_or_is_ignored_and_no_store_has_a_schedule_point() {
    assert_none(&banned::check(files(), &registered(files())));
}

#[test]
fn no_example_in_the_docs_goes_unrun() {
    assert_none(&examples::check(files()));
}

#[test]
fn every_source_file_is_formatted() {
    let is_source = |file: &&File| file.path.ends_with(".rs");
    let paths: Vec<&str> =
        files().iter().filter(is_source).map(|file| file.path.as_str()).collect();
    assert_none(&formatting::check(&checkout::root(), &paths));
}
