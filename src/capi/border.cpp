#include "capi/border.hpp"

#include "core/mutant.hpp"
#include "tokenvault/try.hpp"

namespace tokenvault::capi {
namespace {

constexpr std::size_t kMaxStruct = 4096;           // bytes; far more than any will ever have
constexpr std::int64_t kLatest = 253'402'300'799;  // the end of the year 9999

constinit Held process_handles;

}  // namespace

Held& held() noexcept { return process_handles; }

Error bad_handle(const char* what) {
  return {Errc::invalid_argument, std::string("not an open ") + what + ": null, freed, or of another kind"};
}

Error null_output() { return {Errc::invalid_argument, "there is no place for the answer: it is null"}; }

tv_status tell(tv_status code, const char* message, tv_error* out) noexcept {
  if (out == nullptr) return code;
  std::uint32_t size = 0;
  std::memcpy(&size, out, sizeof(size));
  if (size < sizeof(tv_error)) return code;
  out->code = code;
  out->os_error = 0;
  out->retryable = code == TV_E_UNAVAILABLE || code == TV_E_UNREACHABLE ? 1 : 0;
  copy_text(out->message, message);
  return code;
}

tv_status tell(const Error& error, tv_error* out) noexcept {
  const auto code = tell(static_cast<tv_status>(error.code()), error.message().c_str(), out);
  if (out != nullptr && out->struct_size >= sizeof(tv_error)) out->os_error = error.os_error();
  return code;
}

Result<std::size_t> struct_size(const void* given, std::size_t least) {
  if (given == nullptr) return Error(Errc::invalid_argument, "a struct that has to be there is null");
  std::uint32_t size = 0;
  std::memcpy(&size, given, sizeof(size));
  if (!mutated("capi.struct_size") && (size < least || size > kMaxStruct))
    return Error(Errc::invalid_argument, "a struct's struct_size is not that of any version of it");
  return std::size_t{size};
}

Status check_tail(const void* given, std::size_t known, std::size_t size) {
  const auto* bytes = static_cast<const std::byte*>(given);
  if (!mutated("capi.tail") &&
      std::any_of(bytes + known, bytes + size, [](std::byte byte) { return byte != std::byte{0}; }))
    return Error(Errc::unsupported,
                 "a struct asks for something that this version of the library has not got");
  return Ok{};
}

void copy_text(char* out, std::size_t capacity, std::string_view text) noexcept {
  auto size = std::min(text.size(), capacity - 1);
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  while (size < text.size() && size > 0 && continues(size)) --size;
  std::memcpy(out, text.data(), size);
  out[size] = '\0';
}

Result<std::string_view> text_of(const char* text, std::size_t size, bool optional) {
  if (text == nullptr) {
    if (optional && (size == 0 || size == TV_NUL_TERMINATED)) return std::string_view();
    return Error(Errc::invalid_argument, "a name that has to be there is null");
  }
  if (size == TV_NUL_TERMINATED) size = ::strnlen(text, kMaxNameSize + 1);
  if (!mutated("capi.name_size") && size > kMaxNameSize)
    return Error(Errc::invalid_argument, "a name has at most 255 bytes");
  return std::string_view(text, size);
}

Result<SecretBuffer> secret_of(const void* bytes, std::size_t size, std::size_t limit) {
  if (bytes == nullptr) return Error(Errc::invalid_argument, "a value that has to be there is null");
  if (!mutated("capi.value_size") && size > limit)
    return Error(Errc::refused, "a value has at most " + std::to_string(limit) + " bytes");
  return SecretBuffer::copy_of({static_cast<const std::byte*>(bytes), size});
}

Status copy_secret(const SecretBuffer& secret, void* buffer, std::size_t capacity, std::size_t* size) {
  if (size == nullptr || (buffer == nullptr && capacity > 0)) return null_output();
  const auto bytes = secret.expose();
  if (!mutated("capi.forked") && bytes.empty())
    return Error(Errc::forked, "secrets do not cross fork(): open the vault again in the child");
  *size = bytes.size();
  if (!mutated("capi.capacity") && bytes.size() > capacity)
    return Error(Errc::refused,
                 "the value has " + std::to_string(bytes.size()) + " bytes, and the buffer fewer");
  std::memcpy(buffer, bytes.data(), bytes.size());
  return Ok{};
}

std::int64_t seconds(Time time) noexcept { return time.time_since_epoch().count(); }

std::int64_t seconds(const std::optional<Time>& time) noexcept { return time ? seconds(*time) : TV_NO_TIME; }

Result<std::optional<Time>> time_of(std::int64_t seconds) {
  if (seconds == TV_NO_TIME) return std::optional<Time>();
  if (seconds < 0 || seconds > kLatest)
    return Error(Errc::invalid_argument, "a time is not between 1970 and 9999");
  return std::optional(Time(std::chrono::seconds(seconds)));
}

}  // namespace tokenvault::capi
