//! The station's mirrors: one thread for each target, started again when it breaks.
//!
//! Must never hold up the station: a mirror that cannot be opened or breaks is shown in the health
//! and tried again, and warnings do not know of it.

#[cfg(feature = "mirror")]
mod running;

#[cfg(feature = "mirror")]
pub(crate) use running::Mirrors;

#[cfg(not(feature = "mirror"))]
pub(crate) use absent::Mirrors;

/// A program that was built without mirrors.
#[cfg(not(feature = "mirror"))]
mod absent {
    use std::path::Path;
    use std::sync::Arc;

    use siskin_api::contract::MirrorHealthView;
    use siskin_collect::Clock;
    use siskin_config::Settings;
    use siskin_model::Timestamp;
    use siskin_store::series::TrimmedDay;
    use siskin_store::{Ledger, Series};
    use tokio_util::sync::CancellationToken;

    use crate::station::upkeep::Followers;

    /// None.
    #[derive(Clone)]
    pub(crate) struct Mirrors;

    impl Mirrors {
        /// A site that wants a mirror is refused: it would wait for data that never come.
        pub(crate) fn open(
            settings: &Settings,
            _: &Path,
            _: &Arc<Series>,
            _: &Arc<Ledger>,
            _: &Clock,
        ) -> anyhow::Result<Self> {
            anyhow::ensure!(
                settings.station.mirrors.is_empty(),
                "this program was built without mirrors; \
                 hint: build it with the feature `mirror`, or take [[mirror]] out of site.toml"
            );
            Ok(Self)
        }

        /// Ends at once.
        pub(crate) async fn run(self, _: CancellationToken) {}

        /// Nothing.
        pub(crate) fn health(&self, _: Timestamp, _: i32) -> Vec<MirrorHealthView> {
            Vec::new()
        }
    }

    /// Nobody follows.
    impl Followers for Mirrors {
        fn followed(&self) -> u64 {
            u64::MAX
        }

        fn deleted(&self, _: &[TrimmedDay]) {}
    }
}
