// ELF object -> flat image. Code comes first, then constants; every relocation
// is the distance between two places of the image, so none is left.
#include "compiler/lowering/CpuImage.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include <map>

using namespace llvm;
using namespace llvm::object;
using namespace mpc;

namespace {
class Layout {
public:
  explicit Layout(const ELF64LEObjectFile &file) : file(file) {}

  Expected<CpuImage> run() {
    place(/*code=*/true);
    image.codeBytes = int64_t(image.bytes.size());
    place(/*code=*/false);
    for (const SectionRef &section : file.sections())
      if (Error error = relocate(section))
        return error;
    if (Error error = findEntries())
      return error;
    return std::move(image);
  }

private:
  const ELF64LEObjectFile &file;
  CpuImage image;
  std::map<uint64_t, uint64_t> offsets; ///< section index -> image offset

  // Unwind tables are for debuggers and exceptions, of which there are none.
  static bool isKept(ELFSectionRef section) {
    return (section.getFlags() & ELF::SHF_ALLOC) &&
           section.getType() != ELF::SHT_X86_64_UNWIND &&
           cantFail(section.getName()) != ".eh_frame";
  }

  void place(bool code) {
    for (ELFSectionRef section : file.sections()) {
      bool executable = section.getFlags() & ELF::SHF_EXECINSTR;
      if (!isKept(section) || executable != code || section.getSize() == 0)
        continue;
      uint64_t align = std::max<uint64_t>(64, section.getAlignment().value());
      image.bytes.resize(alignTo(image.bytes.size(), align));
      offsets[section.getIndex()] = image.bytes.size();
      StringRef content = cantFail(section.getContents());
      auto *data = reinterpret_cast<const std::byte *>(content.data());
      image.bytes.insert(image.bytes.end(), data, data + content.size());
    }
  }

  // Where a symbol lies in the image.
  Expected<uint64_t> addressOf(const SymbolRef &symbol) {
    StringRef name = cantFail(symbol.getName());
    auto undefined = [&] {
      return createStringError("kernel code refers to '" + name +
                               "', which is not part of it");
    };
    if (cantFail(symbol.getFlags()) & SymbolRef::SF_Undefined)
      return undefined();
    section_iterator section = cantFail(symbol.getSection());
    if (section == file.section_end() || !offsets.count(section->getIndex()))
      return undefined();
    return offsets[section->getIndex()] + cantFail(symbol.getValue());
  }

  Error relocate(ELFSectionRef relocations) {
    section_iterator target = cantFail(relocations.getRelocatedSection());
    if (target == file.section_end() || !isKept(*target))
      return Error::success();
    if (ELFSectionRef(*target).getFlags() & ELF::SHF_WRITE)
      return createStringError("kernel code has writable data in '" +
                               cantFail(target->getName()) + "'");
    for (ELFRelocationRef relocation : relocations.relocations()) {
      auto type = relocation.getType();
      if (type != ELF::R_X86_64_PC32 && type != ELF::R_X86_64_PLT32) {
        SmallString<32> name;
        relocation.getTypeName(name);
        return createStringError("kernel code has a relocation of type " +
                                 name.str() + "; expected PC-relative ones");
      }
      Expected<uint64_t> symbol = addressOf(*relocation.getSymbol());
      if (!symbol)
        return symbol.takeError();
      uint64_t place = offsets[target->getIndex()] + relocation.getOffset();
      int64_t distance =
          int64_t(*symbol) + cantFail(relocation.getAddend()) - int64_t(place);
      if (!isInt<32>(distance))
        return createStringError("kernel code exceeds 2 GiB");
      support::endian::write32le(&image.bytes[place], uint32_t(distance));
    }
    return Error::success();
  }

  Error findEntries() {
    for (const SymbolRef &symbol : file.symbols()) {
      uint32_t flags = cantFail(symbol.getFlags());
      bool function = cantFail(symbol.getType()) == SymbolRef::ST_Function;
      if (!(flags & SymbolRef::SF_Global))
        continue;
      Expected<uint64_t> address = addressOf(symbol);
      if (!address)
        return address.takeError();
      if (!function)
        continue;
      mpcrt::Kernel &kernel = image.kernels[cantFail(symbol.getName())];
      kernel.name = cantFail(symbol.getName()).str();
      kernel.offset = int64_t(*address);
    }
    return Error::success();
  }
};
} // namespace

Expected<CpuImage> mpc::layOutObject(StringRef object) {
  auto file = ObjectFile::createELFObjectFile(MemoryBufferRef(object, "cpu"));
  if (!file)
    return file.takeError();
  auto *elf = dyn_cast<ELF64LEObjectFile>(file->get());
  if (!elf)
    return createStringError("the object is not 64-bit little-endian ELF");
  return Layout(*elf).run();
}
