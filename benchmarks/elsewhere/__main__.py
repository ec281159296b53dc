from benchmarks.elsewhere.build import main

main()
