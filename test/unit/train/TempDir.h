// A folder of its own for a test, removed when the test ends.
#ifndef MPC_TEST_UNIT_TRAIN_TEMPDIR_H
#define MPC_TEST_UNIT_TRAIN_TEMPDIR_H

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

class TempDir {
public:
  TempDir() {
    std::string name =
        (std::filesystem::temp_directory_path() / "mpc-test-XXXXXX").string();
    root = mkdtemp(name.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(root, ignored);
  }
  TempDir(const TempDir &) = delete;
  TempDir &operator=(const TempDir &) = delete;

  std::string operator/(const std::string &name) const {
    return (root / name).string();
  }

  /// Creates a file and returns its path.
  std::string write(const std::string &name, const std::string &content) const {
    std::ofstream(root / name, std::ios::binary) << content;
    return *this / name;
  }

private:
  std::filesystem::path root;
};

inline std::string readAll(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

#endif
