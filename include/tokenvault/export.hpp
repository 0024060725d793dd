#pragma once

/// TOKENVAULT_API marks what leaves the shared library; everything else is hidden, TOKENVAULT_LOCAL is
/// so even within a class that leaves it.
#if defined(__GNUC__)
#define TOKENVAULT_API __attribute__((visibility("default")))
#define TOKENVAULT_LOCAL __attribute__((visibility("hidden")))
#else
#define TOKENVAULT_API
#define TOKENVAULT_LOCAL
#endif
