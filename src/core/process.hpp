#pragma once

namespace tokenvault {

/// Whether harden_process() took effect. Thread-safe.
[[nodiscard]] bool process_is_hardened() noexcept;

}  // namespace tokenvault
