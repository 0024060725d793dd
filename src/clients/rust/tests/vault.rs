//! What the crate promises. Values are compared without showing.
use std::{panic, thread, time::Duration};
use tokenvault::{Key, Kind, Secret, Vault, Verdict};

const MARKER: &str = "S3CRETmarker";
const KEY: &[u8; 32] = b"thirty-two bytes of S3CRETmarker";

fn value() -> Vec<u8> {
    format!("{MARKER}-value").into_bytes()
}

fn memory_vault() -> Vault {
    let vault = Vault::create("memory:", Key::Raw(KEY)).unwrap();
    vault.put("a", &value(), None).unwrap();
    vault
}

fn same(secret: &Secret, expected: &[u8]) {
    assert!(**secret == *expected, "the values differ");
}

#[test]
fn a_value_goes_in_and_comes_out() {
    let vault = memory_vault();
    let secret = vault.get("a").unwrap();
    same(&secret, &value());
    assert_eq!(secret.version(), 1);
    assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "<secret> Some(<secret>)");
    assert_eq!(vault.put("a", &secret, Some(1)).unwrap(), 2);
    drop(vault);
    same(&secret, &value());
}

#[test]
fn errors_have_names() {
    let vault = memory_vault();
    for (kind, error) in [
        (Kind::NotFound, vault.get("absent").err()),
        (Kind::InvalidArgument, vault.get("").err()),
        (Kind::InvalidArgument, vault.get("a\0b").err()),
        (Kind::Conflict, vault.put("a", b"x", Some(9)).err()),
        (Kind::Refused, vault.put("a", b"", None).err()),
        (Kind::Refused, vault.put("a", &vec![0; 32769], None).err()),
        (Kind::WrongKey, Vault::create("memory:", Key::Raw(&value())).err()),
        (Kind::InvalidArgument, Vault::open("a\0b", Key::Passphrase(&value())).err()),
    ] {
        let error = error.expect("it was taken");
        assert_eq!(error.kind, kind, "{error}");
        assert!(!error.to_string().is_empty() && !format!("{error:?}").contains(MARKER));
    }
}

#[test]
fn a_rejected_token_is_tried_once_more() {
    let vault = memory_vault();
    vault.put("a", b"new", None).unwrap();
    let mut tried = vec![];
    let verdict = vault.with_token("a", |bytes, version| {
        tried.push(version);
        if bytes == value() {
            Verdict::Ok
        } else {
            Verdict::Rejected
        }
    });
    assert_eq!((verdict.unwrap(), tried), (Verdict::Ok, vec![2, 1]));
    assert_eq!(vault.with_token("a", |_, _| Verdict::Failed).unwrap(), Verdict::Failed);
}

#[test]
fn a_panic_does_not_cross_c() {
    let vault = memory_vault();
    let mut tried = 0;
    let caught = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        vault.with_token("a", |_, _| {
            tried += 1;
            panic!("mine")
        })
    }));
    assert_eq!(*caught.unwrap_err().downcast::<&str>().unwrap(), "mine");
    assert_eq!(tried, 1);
    same(&vault.get("a").unwrap(), &value());
}

#[test]
fn a_lease_follows_from_another_thread() {
    let vault = memory_vault();
    let lease = vault.lease("a").unwrap();
    let waiting = thread::spawn(move || (lease.wait(1, Duration::from_secs(60)).unwrap(), lease));
    vault.put("a", b"new", None).unwrap();
    let (version, lease) = waiting.join().unwrap();
    assert_eq!(version, 2);
    same(&lease.get().unwrap(), b"new");
}
