//! The tape between the audio thread and whoever studies a recording, however the two interleave.

use stemwright::sync::{Reel, Room, Stretch, Tape};

/// The audio thread writes a block of one value to stem 1.
fn write(room: Room, tape: &Tape, value: f32) {
    room.input(0, 4, [&[value; 4]; 2]);
    tape.commit(4);
}

#[test]
fn a_block_under_way_while_a_recording_begins_anew_belongs_to_neither() {
    let tape = Tape::default();
    let mut stretch = Stretch::default();
    tape.begin();
    tape.run(Some(1.0));
    write(tape.room(4).expect("room"), &tape, 0.1);
    assert_eq!(tape.take(100, &mut stretch), 4);
    let under_way = tape.room(4).expect("room");
    tape.end();
    tape.begin();
    write(under_way, &tape, 0.2);
    assert_eq!(tape.take(100, &mut stretch), 0, "nobody plays yet");
    tape.end();
    assert_eq!(tape.take(100, &mut stretch), 0, "nobody has played");
    tape.begin();
    tape.run(Some(7.0));
    for value in [0.3, 0.4] {
        write(tape.room(4).expect("room"), &tape, value);
        assert_eq!(tape.take(100, &mut stretch), 4);
        assert_eq!(stretch.inputs[0], [vec![value; 4], vec![value; 4]]);
    }
}

#[test]
fn a_host_that_goes_on_elsewhere_ends_no_recording_that_has_just_begun() {
    let tape = Tape::default();
    tape.begin();
    tape.run(None);
    // It has seen the first one running, and somebody begins another before it ends that.
    tape.end();
    tape.begin();
    tape.stop();
    assert_eq!(tape.reel(), Reel::Waiting);
}
