/**
 * MD5 and size of MIRACL's files by language. The sums are those that https://github.com/allenai/ir_datasets checks its
 * downloads against (topics and judgments: of a copy without registration), and so are the sizes of the passages' files;
 * the sizes that it has for topics and judgments belong to other files. Topics and judgments of `dev` in
 * https://github.com/castorini/anserini have the same sums, and the sizes given here. Sizes of `train` are not published.
 */

/** MD5, and bytes where they are known. */
export type MiraclFile = readonly [md5: string, bytes?: number];

interface MiraclSplit {
  readonly topics: MiraclFile;
  readonly qrels: MiraclFile;
}

/** The passages' files in their order (`docs-0.jsonl.gz`, ...), topics and judgments. */
export interface MiraclFiles {
  readonly docs: readonly MiraclFile[];
  readonly train: MiraclSplit;
  readonly dev: MiraclSplit;
}

/** By language code. */
export const MIRACL_FILES: Readonly<Record<string, MiraclFiles>> = {
  ar: {
    docs: [
      ['d484e02a3cd973b4c36bd7867d7f40fa', 94_104_175],
      ['2af6f236d7c37c2bde97be4a13a3abaa', 83_793_880],
      ['f5ee426bd15eb07e335c0b2f51798672', 70_295_610],
      ['3808e89c2468bc10f49d4d4ae5f8a66c', 64_551_259],
      ['73a29b3038c984a86da189aa16c3fb8f', 7_227_421],
    ],
    train: { topics: ['38c6afa5a27b8c3565205bbc23756d8f'], qrels: ['f85eed133bec7e50336bbfe0cbbb01c0'] },
    dev: {
      topics: ['4ef84df620f1b5521ce8e7ebb438f344', 174_692],
      qrels: ['ac6496c6f8efabd33936b144557548b0', 572_724],
    },
  },
  bn: {
    docs: [['1e30b159bc3634e068bcf8f1fbff68ef', 59_713_182]],
    train: { topics: ['0a48f9dff4565980c6c70f60403c2541'], qrels: ['d59c2bedbae4a4c2c8290539c66a93ea'] },
    dev: {
      topics: ['17ff030d33d678547626c66fb9f52b4c', 53_473],
      qrels: ['42158a39e400a5a6ebef97b9e91e54b1', 75_970],
    },
  },
  en: {
    docs: [
      ['ed94fdd2dad913fcffe0308b021082d6', 98_856_369],
      ['9adcfccb058f46050648dea35755a39f', 97_338_482],
      ['f961ce2675bc472b4d4126399acb7564', 64_571_457],
      ['853a5180f4c1012ebee1f2c5a3e26506', 79_988_237],
      ['80271ce096ccb01565857d4dd8f2b4a5', 91_846_360],
      ['2ae2b6919cbea03f03469633690acfd1', 91_542_927],
      ['7543b1726742ce466cd2a2a57f765e62', 88_919_126],
      ['c9ac416afef48a6f7d9dcc66ddeff2d5', 88_149_943],
      ['96f9fd6a228e9f46bfdb4eda0ffd6b90', 87_557_556],
      ['6d3d37aac292937e93dbe0eb0efb1c00', 86_565_246],
      ['20e5926a36d44c6ece5c1942bda19817', 85_787_457],
      ['7552668e7db1591d0fe71df3b044cffd', 85_858_461],
      ['383760be692a540b30e5b1b2239bab16', 85_089_158],
      ['7da0ffd49848f9c7e2912b1ad1152d3b', 82_769_410],
      ['2c4d6f9220716e624daa016756d707e8', 83_032_778],
      ['a90950760f60e5f0e92c4e7f3774f7e7', 82_548_385],
      ['20e2030038fbb450be2ac09fedaf77b3', 81_947_138],
      ['12136a0df0a80092eafd694820cc6f81', 81_038_479],
      ['a907bbf4ef1b264d0304bb99cc392b15', 80_496_066],
      ['f52ad0a000336d7a73a4e0d0e2bb996f', 80_243_337],
      ['8b9d4eb4374aeba9567e09470cf5b061', 80_003_557],
      ['32ab1841c2deb612eb3ec83a2f371452', 79_751_834],
      ['5334d398deaa053e6f380612973580ef', 76_766_869],
      ['505f419951b8665cd9fc69604f6b5e62', 75_810_312],
      ['eb579b4ad40d6735d370bf30b7877a25', 76_272_005],
      ['7de75404b5cf6c8b965c8257e62ba70b', 77_082_664],
      ['d42ed88eaa947b610846188185a25f54', 78_228_256],
      ['e61b3098053a98b9bdb753a34476e239', 76_445_022],
      ['de185edb91a43a6dbb434658fbdbb96f', 76_434_972],
      ['8f25bd36199c36e2a1812b2e22b56430', 74_697_707],
      ['9c2e84252fb7ca24b4fd593682bd2aef', 71_839_143],
      ['4fc0fb743bc402bb9d0469856fd3694c', 73_437_320],
      ['64c3d8cae61441df7201d44b08972e41', 73_322_325],
      ['42ebd5e87d5a417689c37cf336749e7f', 70_699_147],
      ['91635ee421cfcd9b8ea5834695e556b7', 74_843_362],
      ['fa7ada6f5f145f5a04bd4113cfe09787', 71_914_591],
      ['90c6abea75caa84381d238fd85e4520e', 73_255_731],
      ['6fdf53729c158371ea30cf56f37d7db5', 74_956_992],
      ['8dcb112f443c49e1d35bdac0db63a111', 70_506_538],
      ['071adb3f777cb077ff170c6856bbdcd7', 73_824_158],
      ['879d54b7d7826a2d7133955a689890f5', 72_684_614],
      ['f379d5441be8e19a690f116a7a9ad501', 74_674_474],
      ['1fb0a973751261adc3c2165fc99f0ce1', 74_166_535],
      ['e1621cf06f3e5d6b3eff4d8607641258', 72_571_698],
      ['47b0191ce682e60708a979b2232607f9', 72_937_865],
      ['3fa31818300aba29db933557f31b3494', 74_948_873],
      ['462641fe08c052ab1fbf7add67a48859', 75_950_579],
      ['5cb8207d31dab7cd82ba64317e65c8ac', 72_978_719],
      ['6a8433dcf294c669078cdf1e5a88aa38', 73_930_541],
      ['75975d9495b9cc4aa231f873281c5f02', 74_004_419],
      ['60dbe4823f30923e1ebe3ef5b8f0879d', 70_736_448],
      ['ec9c101022dfc897c058e96c220758f6', 73_415_840],
      ['925b65b5ef08abb41ce09d8645bd6dd2', 73_776_910],
      ['62385f5b6cf87e7aa039cdc542a9e55c', 72_091_328],
      ['58f025c4ef8d3868e5eabef9d39395dd', 72_782_654],
      ['5f3f8787af6baf5a85ea3cf06698af38', 70_569_978],
      ['eee9cccdcd05cc89ef8e5e2fa9fff7ac', 71_740_868],
      ['4213cb413ca6079920f0b0241bad7b56', 72_217_620],
      ['38de32e0b8a9723dbcaa83d23e0e8d6d', 71_862_927],
      ['0a6a80e46a434776ec2ff67bc6a28e6e', 71_495_670],
      ['a583b681b03b9637a2b80fb6e4e35afa', 69_897_224],
      ['3df26a61e7ecb4c2244376041d7b4e1c', 70_170_718],
      ['739d42eb5157373333a3c978eec150b1', 69_279_270],
      ['0b25fcfc2a77bd551cb32d763a83b49d', 68_754_531],
      ['2391aec604153b8e4b78cd6ae83decd4', 65_487_314],
      ['9122a610d9b816975e93b19ae0121f46', 52_897_612],
    ],
    train: { topics: ['a8a1ae3254c07c46e37abd6bbfab63ad'], qrels: ['556f857f7f67c942f683c6a7b4e29b48'] },
    dev: {
      topics: ['cd1442ed7b711ea5ff246ea2be8ce0c7', 36_782],
      qrels: ['ce9a8e2345de41210895f65866c4c2e7', 167_817],
    },
  },
  es: {
    docs: [
      ['f28bff7c3058d2cb8c9e99b919de6c4f', 92_874_838],
      ['1c08c92860d8fa535b545eb530b27dbd', 89_646_018],
      ['fb75e0db47df90f0135df0acba637196', 85_432_948],
      ['c8ae25908e11c995e3d2a822c6dd8ffc', 83_318_741],
      ['671420453f20ef32a35cbf2c9f9c1310', 80_843_535],
      ['b907c427cf796810f28ee9375f91bcdf', 79_438_738],
      ['392e4b93c786551799fab1c2f5f161d8', 79_152_845],
      ['f8cf2f4c34b28ca166143f5b94349500', 78_544_890],
      ['d7f1edf8f756009db26deb49bf22f7ce', 77_588_034],
      ['456ec112182b917d91d9322cf00786d2', 66_337_959],
      ['c71af44961b7e0fd33c49fe1f61039bf', 62_622_594],
      ['0bd1d3ab02269c7ee2207ff39fe544e5', 65_707_558],
      ['e94562d6f2df0a1c84075c58cb035883', 72_601_971],
      ['19509077dc27fc650f134223b385a5e7', 75_474_457],
      ['deb94c634d4c1d85e78bb2ff35028383', 76_497_338],
      ['02a780bf6a3a31bfdfc759ec403403bc', 73_009_124],
      ['748934c50ae05d7273a2c470b40d6e89', 74_206_192],
      ['62ff853bfc22d96f4ecae8e8e1c86caa', 67_140_050],
      ['81e79b7ee32173601e71fd9173bf62b3', 77_883_748],
      ['fa6bb29881142b6df1a1049aafa864de', 79_904_116],
      ['b561242ee7bc55e24cd21cd1a48a256c', 57_162_245],
    ],
    train: { topics: ['efe6c440986a96ebd3edeecb91c80492'], qrels: ['5913f00b8ae436c198d563e8fbaefdb1'] },
    dev: {
      topics: ['8f057b82c8bb6ba44776cadacee63e7b', 39_616],
      qrels: ['3a25e2467698ff529b7f97e76b8eab6b', 157_701],
    },
  },
  fa: {
    docs: [
      ['6b1135045aaa46c539a2960cda7c3b0a', 80_831_146],
      ['a86e85011229e984dc44728baf46eebb', 56_314_013],
      ['88ac988b8b61287bd55f9b977532ac5e', 53_167_889],
      ['2e0030f301e5af7723dff4dce14f5343', 57_027_208],
      ['dc78362be19963c12fd511c07d1386b3', 22_422_574],
    ],
    train: { topics: ['8843271f035a12a43983d7795b0e144c'], qrels: ['b1cd41c3c72473f372f2d0c0c2f4395c'] },
    dev: {
      topics: ['c64fb62af718c135a1843722ea8fdb8d', 54_322],
      qrels: ['a1384b550860cea3eadb9bd8407f36ad', 157_653],
    },
  },
  fi: {
    docs: [
      ['1c7d419a877fd406db8321e56600e6c5', 79_712_094],
      ['f45db81107c579315d0e5a9d2f33a57f', 71_207_705],
      ['f6d202472a36d443f5e214a6de92b515', 68_005_963],
      ['1ea7920d58d75a309462585f3fa479cf', 51_120_372],
    ],
    train: { topics: ['b1c1f3bceb7c52b2e44b587fb0690454'], qrels: ['348b8e5b45cbd2ef4074ef9cb6ff9076'] },
    dev: {
      topics: ['e328e92f38c13f6e5a5b6903670e01fc', 58_112],
      qrels: ['c0bdc01bdbd4753ee6b4f2e9dee08ceb', 226_188],
    },
  },
  fr: {
    docs: [
      ['fa62c438d74f8ac9501db7af6aaca817', 81_033_537],
      ['34262e282c58c31e965d89274df96e40', 78_469_930],
      ['a051dc99b9ffb81c1eaf394627064927', 70_017_319],
      ['f8a18f6ae5b2ebc58a39791469c38bdd', 66_942_793],
      ['5a240afc021ecb5dc27285abe4b6d923', 59_460_892],
      ['a03ba537c9d68ecef50aa5a4777407cc', 62_629_125],
      ['499367e79f29e565cf9bfcbe3ab2adea', 69_205_967],
      ['652114ff90f8cf484c8701e5f8ea5d02', 68_194_158],
      ['0d7e5b3231ab67d6026f8237bcf0be0f', 68_757_697],
      ['f916ce6802d20b4c3f9905363d3bb31f', 68_056_019],
      ['8816919a5cfb523ac75579453dde6d47', 67_698_213],
      ['642128fb3b08f35d7c8d34f6994d98cc', 67_898_616],
      ['daa9926bdf888aed05dbba8aafa419dd', 66_768_800],
      ['12afc85cd7ddda45c3f5d3f199b596a7', 65_451_686],
      ['46a9acd1b09a81701b89e8b1859bf30c', 65_202_296],
      ['3968784422a38c29653c1636938442de', 62_889_747],
      ['a4b18549cb5bed8365442e5a434c18c0', 62_186_443],
      ['245749a12a976b0a11bac0a8fcc61b92', 61_659_176],
      ['2f81457bb7058c4708e15d73858dfc86', 61_297_567],
      ['96309f23dc95423c831a2ccf30b97ec3', 62_810_856],
      ['db4a22111c1b3dbbbbac2d71531dd631', 62_973_327],
      ['f72f7bb7c14ef8a450715f8a952b2816', 61_427_017],
      ['666b5e7ddcc0918febb3331a14b3d612', 58_091_930],
      ['f9c3316e6407e17206a1eedacc6b776b', 61_344_070],
      ['d32c6a0cf9b59bba24774e4fd4f0691e', 61_250_359],
      ['a110c2681991390092e2e4920e28abf7', 56_044_622],
      ['2eb3482ab52c21ebf16c22184a4816c4', 64_189_087],
      ['d2c4f0443b2ccd875b45b5519fa6188c', 65_662_563],
      ['5f66fb25b1d295614b8a92c4f9636d05', 65_310_822],
      ['1f4c400a40b7020c797f105457e451d2', 18_176_293],
    ],
    train: { topics: ['962aebe813c808a9e6b4cf7ac6764758'], qrels: ['9e0796915fe5bb9ecb144439ebf2e2c0'] },
    dev: {
      topics: ['d8b97c45c2256480c0b0c56634deb828', 19_375],
      qrels: ['aa458c4c603c919856f2d38adb474c25', 84_975],
    },
  },
  hi: {
    docs: [
      ['ffefe282e6be09f06a69d2945f402bda', 95_650_487],
      ['3fe3f9f265b2f52a25b4a49b80c82cf5', 1_161_610],
    ],
    train: { topics: ['fde7fc047da3a9947efb711fc45b79a4'], qrels: ['a4f6627539655cdb3f61ca575552354d'] },
    dev: {
      topics: ['69aafc100baf5617d7d7e63b47c4d86a', 52_022],
      qrels: ['0b97e26e09bdf24a21325b74016d3047', 79_771],
    },
  },
  id: {
    docs: [
      ['e2ff61190833252d531dea1f90d90426', 68_482_339],
      ['ffe27c80bfcb8061954d64282cb0f71c', 39_714_366],
      ['c85ce23396c8c0e61dc11806c32495e2', 61_386_913],
    ],
    train: { topics: ['2051ab2d790d9e10b450d193dc1878e8'], qrels: ['7aeb868e30db507ec05c21a3365c7290'] },
    dev: {
      topics: ['1ecff4a071699fb1c1d16a342a7083ff', 42_043],
      qrels: ['db025a23bda716dce6e37b42229b436f', 176_946],
    },
  },
  ja: {
    docs: [
      ['f064d7aaea82b1619d1709c36483c461', 87_302_446],
      ['903c2bc115f8ef719b3d0e21c2b13daf', 84_310_580],
      ['57245e8a46d1cf289bc5377fd0d54918', 82_263_425],
      ['9771ca5370e49dbcae101650293e0cbc', 79_819_291],
      ['eb4abc18ea71876d8a974813701e52d2', 76_369_546],
      ['aeceab57d0e29f028cdad7724eefae2b', 73_543_156],
      ['f2e9f77af251bff8b8dbac3f0972abd9', 75_527_173],
      ['81e4e762a82d13fefd8d453846f286ac', 75_265_643],
      ['7f008e134c6acbf5ea2aeee2f2b16157', 74_070_028],
      ['c354f0d766ff28950b2aea0227141b5c', 72_893_709],
      ['651d84515e3f23a7dfebbb9dd1a97e05', 74_375_206],
      ['88f8bb6f3a702f0228523a02bc913e55', 73_261_365],
      ['2e5156a5f0580f3b2aae763a55d323f3', 71_472_211],
      ['3a080cb1f0e82843903c300ea3330eef', 64_646_621],
    ],
    train: { topics: ['e3207521af4663e5d5947efe73cd3c2a'], qrels: ['05b2cca3cb634ada628a131bb036943d'] },
    dev: {
      topics: ['93207778d1032e1d0908e4a3e0326e5f', 50_019],
      qrels: ['1ea89d53b04d60aecccf01d90d33b00d', 160_882],
    },
  },
  ko: {
    docs: [
      ['dcae1fe2c7c966f4bd92c09aa9fba88f', 87_965_596],
      ['8068bb2ca5796bbca7af267527518d86', 75_422_723],
      ['ea72e30dd4ed336b37422f559f60d4ed', 62_582_229],
    ],
    train: { topics: ['32a7b5a373761ec50b689a8d2fb2439a'], qrels: ['2ef507d04d4c730ccb18908b8cc8e1be'] },
    dev: {
      topics: ['61061f60143677b7dd9eac8cd963ac15', 12_597],
      qrels: ['c0935fc8df5e10d578a37b4ad4d1b8ac', 55_675],
    },
  },
  ru: {
    docs: [
      ['4373a43259b241792bcb6e979943db29', 100_436_081],
      ['5283c42d6542e5c8dc2c1be5789f0b7a', 98_036_311],
      ['e2a7250e04a82f5f257b48d3950410c7', 90_050_391],
      ['e0c6f72fbbb5ebb418387b9c9a22696f', 89_443_294],
      ['0b351f8491f1e8a68db00bd56de41862', 82_032_411],
      ['fe82dd5ec8fede641829e8acb71da04a', 88_457_515],
      ['081133522ff711ed40ae47c8fd3c56e2', 81_102_964],
      ['9c1297361dce8919649a09f7c72d49bb', 80_229_752],
      ['e488d2d37394edf07cee425dc758c11a', 74_478_227],
      ['51b4da27835ca5febda7848d6754ecac', 73_515_957],
      ['57b0d428b8d0004387eaa507e2336d79', 75_656_001],
      ['da7c457c057cb525ce57980a7dde0989', 78_271_034],
      ['ae23ce2efd5216008d5bd4d353b844ac', 76_539_873],
      ['6edf74f3a33c6de035881ad70bb98cb8', 78_171_375],
      ['ec732d5a4a36a0cee67f631f9b7ca976', 78_271_662],
      ['117e3c9b6c2538144717a22319c8c701', 79_432_861],
      ['cae1d225074503572b377254d74f90c3', 81_415_343],
      ['e7468fe6203f581175c2527bdc6eb5ed', 81_955_644],
      ['c6caaa99bf8c2746a88d5f2d0dae6a49', 81_041_807],
      ['4ddfc2b723b470597caa1a8543d5ee9f', 6_749_385],
    ],
    train: { topics: ['ad6a5a0bf13295857602c110ba6b04c9'], qrels: ['b6b30a6cacab487bf41d81d93f01faa0'] },
    dev: {
      topics: ['8a86550b1a041d7e512884c9683a7867', 108_525],
      qrels: ['748511ee0442e09e836a49deb1e2e8b3', 255_921],
    },
  },
  sw: {
    docs: [['afdb146539d0f488f14c2833e14df799', 10_199_394]],
    train: { topics: ['6a0497e1568b7f8518ee4f5205167d89'], qrels: ['e582f9074db31dea26fe43dce87d0ff5'] },
    dev: {
      topics: ['5ffbaf70e2a5868780ee6fc09fe08944', 21_465],
      qrels: ['2ca78e665778ed6be4f9b01e0b6e80c0', 89_581],
    },
  },
  te: {
    docs: [
      ['7b1067004a12a018eb4ca9e7e7655600', 68_858_140],
      ['703a0ac0d66c6fa6b684df9d7d6afd20', 3_454_223],
    ],
    train: { topics: ['43de28312b4b7fe39eb5c0a7e72a3883'], qrels: ['b55f03829da637e3e186780292e0b305'] },
    dev: {
      topics: ['6382282438291981c2b65ae3c8f3dd71', 90_134],
      qrels: ['2f7c45f44bc8842633a8eb14dbb99f19', 28_814],
    },
  },
  th: {
    docs: [
      ['060bf4cb7fa0127a571023709f117554', 101_610_412],
      ['2e05644bee9ab5da8f7f7177f0c7bafc', 8_027_002],
    ],
    train: { topics: ['2e188722d9f0014be8edcaa2f6ef4581'], qrels: ['0745678058c20c179c6b2dc0206d88ca'] },
    dev: {
      topics: ['142e213631cd7ee91cb5b9e384a14a6d', 94_299],
      qrels: ['89c8aa2ebb027d3f3c1fd984aeb58ee9', 139_845],
    },
  },
  zh: {
    docs: [
      ['68248e7866b0571e750140a4baf31ad8', 97_061_486],
      ['c3bc8bd34a53d9589c29f580b94c2d17', 85_538_355],
      ['eefbf18d0e8edcee9db00a748ce08f86', 80_287_705],
      ['cc7924a7bacc7abd0974fd07168064d1', 76_098_139],
      ['18879a45e3b27f0b0b588e68a697e282', 60_594_024],
      ['be7e9f9b61c23306e6feedb2e26aab20', 50_492_481],
      ['6a6359359436b4f89c5be50d856e625d', 76_002_940],
      ['06aa37a25a84c6830ae5fb57ff877b05', 71_709_349],
      ['3ec702e19ef98ed6c9f639c936e293cd', 72_069_621],
      ['841c4f70b603aee993451b3b75ab5236', 63_401_726],
    ],
    train: { topics: ['421e6122338cb80d43fcaa7ecacc1611'], qrels: ['2c3b64e46276e1df97a15c65ab5b90f1'] },
    dev: {
      topics: ['43d975e76eec94edac3f325139fe04d1', 16_903],
      qrels: ['5906a4dc2373cf524167487660d7b6f1', 94_140],
    },
  },
};
