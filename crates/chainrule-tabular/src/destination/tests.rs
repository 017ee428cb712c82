//! What is kept, what is replaced, and what is left alone when a result is written.

use super::*;

fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_file_is_replaced_and_nothing_is_left_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    for content in ["first", "second, longer"] {
        write_whole(&path, content.as_bytes()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
    assert_eq!(entries(folder.path()), 1);
}

#[test]
fn a_file_that_comes_in_pieces_takes_its_place_when_it_is_finished_and_vanishes_when_it_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table");
    fs::write(&path, "old").unwrap();
    for finished in [false, true] {
        let mut writing = Destination::of(&path).unwrap().begin().unwrap();
        for piece in ["one, ", "two"] {
            writing.write_all(piece.as_bytes()).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        if finished {
            writing.finish().unwrap();
        }
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "one, two");
    assert_eq!(entries(folder.path()), 1);
}

#[test]
fn trying_out_a_place_leaves_no_file_and_fails_as_writing_does() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing").join("model");
    let read_only = folder.path().join("read-only");
    fs::write(&read_only, "mine").unwrap();
    let mut permissions = fs::metadata(&read_only).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&read_only, permissions).unwrap();
    let no_folder = format!(
        "there is no folder {}",
        folder.path().join("missing").display()
    );
    for (path, expected) in [
        (missing.as_path(), no_folder.as_str()),
        (folder.path(), "it is a folder"),
        (&read_only, "it is read-only"),
    ] {
        let place = Destination::of(path).unwrap();
        assert_eq!(place.try_out().unwrap_err().to_string(), expected);
        assert_eq!(place.write(b"x").unwrap_err().to_string(), expected);
    }
    Destination::of(&folder.path().join("model"))
        .unwrap()
        .try_out()
        .unwrap();
    assert_eq!(entries(folder.path()), 1);
    assert_eq!(fs::read_to_string(&read_only).unwrap(), "mine");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    #[test]
    fn links_keep_pointing_where_they_point_and_lead_to_what_is_written_even_when_nothing_was_there()
     {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("models")).unwrap();
        fs::write(at("models/old"), "old").unwrap();
        for (link, target) in [("a", "models/old"), ("b", "models/new"), ("c", "b")] {
            symlink(target, at(link)).unwrap();
        }
        for link in ["a", "b", "c"] {
            write_whole(&at(link), link.as_bytes()).unwrap();
            assert!(at(link).is_symlink(), "{link}");
            assert_eq!(fs::read_to_string(at(link)).unwrap(), link);
        }
        assert_eq!(fs::read_to_string(at("models/old")).unwrap(), "a");
        assert_eq!(fs::read_to_string(at("models/new")).unwrap(), "c");
        assert_eq!(entries(&at("models")), 2);
    }

    #[test]
    fn a_link_into_a_folder_that_is_missing_and_a_circle_of_links_are_told_before_the_work() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        symlink("missing/model", at("link")).unwrap();
        let message = Destination::of(&at("link"))
            .unwrap()
            .try_out()
            .unwrap_err()
            .to_string();
        assert_eq!(
            message,
            format!("there is no folder {}", at("missing").display())
        );
        symlink("right", at("left")).unwrap();
        symlink("left", at("right")).unwrap();
        let message = Destination::of(&at("left")).unwrap_err().to_string();
        assert_eq!(message, "its links lead in a circle");
    }

    #[test]
    fn a_file_keeps_its_permissions_and_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        for mode in [0o600, 0o640, 0o666, 0o755] {
            fs::write(&path, "old").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            // Only the superuser can prepare a file of another owner.
            let _ = std::os::unix::fs::chown(&path, Some(1234), Some(4321));
            let before = fs::metadata(&path).unwrap();
            write_whole(&path, b"new").unwrap();
            let after = fs::metadata(&path).unwrap();
            let kept = |m: &Metadata| (m.mode(), m.uid(), m.gid());
            assert_eq!(kept(&after), kept(&before));
            assert_ne!(after.ino(), before.ino());
        }
    }

    #[test]
    fn a_new_file_has_the_permissions_of_any_new_file() {
        let folder = tempfile::tempdir().unwrap();
        let (path, usual) = (folder.path().join("model"), folder.path().join("usual"));
        write_whole(&path, b"x").unwrap();
        fs::write(&usual, "x").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().mode();
        assert_eq!(mode(&path), mode(&usual));
    }

    #[test]
    fn one_file_is_known_under_all_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("table"), "x").unwrap();
        fs::write(at("other"), "x").unwrap();
        fs::hard_link(at("table"), at("hard")).unwrap();
        symlink("hard", at("soft")).unwrap();
        assert!(same_file(&at("table"), &at("hard")));
        assert!(same_file(&at("table"), &at("soft")));
        assert!(same_file(&at("table"), &at("./table")));
        assert!(!same_file(&at("table"), &at("other")));
        assert!(!same_file(&at("missing"), &at("missing")));
    }

    #[test]
    fn a_pipe_is_written_to_and_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap();
        assert!(made.success());
        let place = Destination::of(&path).unwrap();
        place.try_out().unwrap();
        assert_eq!(place.file(), None);
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| fs::read_to_string(&path).unwrap());
            place.write(b"through").unwrap();
            assert_eq!(reader.join().unwrap(), "through");
        });
        assert_eq!(entries(folder.path()), 1);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_is_written_to_and_stays_one() {
    let error = write_whole(Path::new("/dev/full"), b"x").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    write_whole(Path::new("/dev/null"), b"x").unwrap();
    for device in ["/dev/full", "/dev/null"] {
        assert!(!Path::new(device).is_file(), "{device}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_descriptor_is_known_under_all_its_names() {
    for name in [
        "/dev/stdout",
        "/dev/fd/1",
        "/proc/self/fd/1",
        "/proc/thread-self/fd/1",
    ] {
        let place = Destination::of(Path::new(name)).unwrap();
        assert!(place.is_standard_output(), "{name}: {place:?}");
        assert_eq!(place.file(), None, "{name}");
    }
}
