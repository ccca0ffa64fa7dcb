// Whether our declaration of a function agrees with that of a header.
#ifndef MPC_TEST_UNIT_CUDA_HEADER_AGREE_H
#define MPC_TEST_UNIT_CUDA_HEADER_AGREE_H

#include <type_traits>

namespace mpcrt::test {

// Enumerations, which we pass as integers, and handles agree in size and in
// whether they are pointers.
template <typename Ours, typename Theirs> constexpr bool passesAlike() {
  return sizeof(Ours) == sizeof(Theirs) &&
         std::is_pointer_v<Ours> == std::is_pointer_v<Theirs>;
}

/// Of a pointer to a function and a function; what they return is an integer of
/// ours and an enumeration of theirs.
template <typename Ours, typename Theirs> struct Agree : std::false_type {};
template <typename Result, typename Status, typename... Ours,
          typename... Theirs>
struct Agree<Result (*)(Ours...), Status(Theirs...)> {
  static constexpr bool value = [] {
    if constexpr (sizeof...(Ours) == sizeof...(Theirs))
      return passesAlike<Result, Status>() &&
             (... && passesAlike<Ours, Theirs>());
    else
      return false;
  }();
};

} // namespace mpcrt::test

/// For the lists of functions: that of `Ours` agrees with the header's.
#define FUNCTION_AGREES(member, symbol, ...)                                   \
  static_assert(                                                               \
      mpcrt::test::Agree<decltype(Ours::member), decltype(symbol)>::value,     \
      #symbol);

/// An enumerator of `own` and its original.
#define SAME_NUMBER(ours, theirs)                                              \
  static_assert(int(own::ours) == int(theirs), #theirs)

#endif // MPC_TEST_UNIT_CUDA_HEADER_AGREE_H
