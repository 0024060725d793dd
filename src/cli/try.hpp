#pragma once
#include "tokenvault/try.hpp"
