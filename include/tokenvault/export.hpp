#pragma once

/// Marks what leaves the shared library; everything else is hidden.
#if defined(__GNUC__)
#define TOKENVAULT_API __attribute__((visibility("default")))
#else
#define TOKENVAULT_API
#endif
