//! Random choices of a test, which can be repeated: a test that fails says its seed.

use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers that look random, and are the same for the same seed.
pub(crate) struct Dice {
    seed: u64,
    state: AtomicU64,
}

impl Drop for Dice {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = writeln!(
                std::io::stderr(),
                "repeat it with ROLEHOP_SEED={}",
                self.seed
            );
        }
    }
}

impl Dice {
    /// `ROLEHOP_SEED` repeats a run, as far as the system's scheduling lets it.
    pub(crate) fn new() -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let fresh = now.expect("a clock after 1970").subsec_nanos().into();
        let given = std::env::var("ROLEHOP_SEED").ok();
        let seed = given.map_or(fresh, |seed| seed.parse().expect("a number"));
        let state = AtomicU64::new(seed);
        Self { seed, state }
    }

    pub(crate) fn below(&self, limit: u64) -> u64 {
        // SplitMix64: <https://prng.di.unimi.it/splitmix64.c>
        let state = self
            .state
            .fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    /// One of them.
    #[cfg(target_os = "linux")]
    pub(crate) fn pick<'t, T: ?Sized>(&self, all: &[&'t T]) -> &'t T {
        let at = self.below(all.len() as u64);
        all[usize::try_from(at).expect("an index")]
    }
}
