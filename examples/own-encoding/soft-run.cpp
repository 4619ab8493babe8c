// posenc-run with the dialect `soft`.
#include "SoftWindow.h"
#include "posenc/Tools/Tools.h"

int main(int argc, char **argv) {
  return mlir::posenc::runMain(argc, argv,
                               [](mlir::DialectRegistry &r) { r.insert<soft::SoftDialect>(); });
}
